using System.ComponentModel;
using System.Text.Json.Serialization;
using CacheGateway.Policies.Rules;

namespace CacheGateway.Policies.Document;

/// <summary>
/// The shape of policies.json. The types of this folder say it once: the reader walks them, and the JSON schema is made from them.
/// A member that is null was not written.
/// </summary>
[Description("Cache policies of CacheGateway.")]
internal sealed class PolicyDocument
{
    [JsonPropertyName("$schema"), Description("Address of this schema, for editors.")]
    public string? Schema { get; init; }

    [Description("Switch over all policies. Off: every request passes uncached. Default true.")]
    public bool? Enabled { get; init; }

    [Description("Part of every key: raising it abandons all older entries. Default 1."), Between(0, int.MaxValue)]
    public int? Version { get; init; }

    [Description("Values for policies that do not set them.")]
    public CommonSection? Defaults { get; init; }

    [Description("The policies by name. No policy may be called \"none\", which stands for the lack of one."), JsonRequired]
    public IReadOnlyDictionary<string, PolicySection>? Policies { get; init; }

    [Description("Tags that a backend's event raises, by the event's name. Holes are dotted paths into its data.")]
    public IReadOnlyDictionary<string, IReadOnlyList<string>>? Events { get; init; }

    [Description("Tags that a tag raises besides itself, whoever raised it.")]
    public IReadOnlyDictionary<string, IReadOnlyList<string>>? Cascade { get; init; }

    [Description("How bearer tokens are verified, for \"identity\": \"claim:NAME\".")]
    public TokensSection? Tokens { get; init; }
}
