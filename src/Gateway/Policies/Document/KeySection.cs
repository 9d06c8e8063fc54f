using System.ComponentModel;
using CacheGateway.Policies.Rules;

namespace CacheGateway.Policies.Document;

/// <summary>What tells stored responses apart.</summary>
internal sealed class KeySection
{
    [Description("Which query parameters are keyed. Others are not forwarded either.")]
    public QuerySection? Query { get; init; }

    [Description("Request headers whose values are keyed."), FieldName("header")]
    public IReadOnlyList<string>? Headers { get; init; }

    [Description("Cookies whose values are keyed."), FieldName("cookie")]
    public IReadOnlyList<string>? Cookies { get; init; }

    [Description("isolate: each Authorization, Cookie and other field that says who asks (X-Api-Key and the like) has entries of its own; share: one entry for all; "
        + "claim:NAME: by a verified claim of the bearer token. Default isolate.")]
    [Identity]
    public string? Identity { get; init; }

    [Description("Why sharing is right, in words. Required with \"identity\": \"share\", an error otherwise."), Sentence]
    public string? SharedOnPurpose { get; init; }
}
