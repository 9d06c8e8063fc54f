using System.Text.Json.Nodes;

namespace CacheGateway.Policies.Rules;

/// <summary>"isolate", "share" or "claim:NAME".</summary>
internal sealed class IdentityAttribute : ValueRuleAttribute
{
    public const string Isolate = "isolate";
    public const string Share = "share";

    private const string ClaimPrefix = "claim:";

    public override string Expected => "\"isolate\", \"share\" or \"claim:NAME\"";

    /// <summary>The claim's name where the value names one.</summary>
    public static string? ClaimOf(string? value) =>
        value?.StartsWith(ClaimPrefix, StringComparison.Ordinal) == true ? value[ClaimPrefix.Length..] : null;

    public override string? Problem(string value) =>
        ClaimOf(value) is { } claim ? FieldNameAttribute.IsToken(claim) ? null : "must name a claim, such as \"claim:sub\""
            : value is Isolate or Share ? null
            : $"must be {Expected}{Suggestion.For(value, [Isolate, Share])}";

    public override void Describe(JsonObject schema) => schema["pattern"] = "^(isolate|share|claim:\\S+)$";
}
