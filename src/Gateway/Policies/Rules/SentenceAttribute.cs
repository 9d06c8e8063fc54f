using System.Text.Json.Nodes;

namespace CacheGateway.Policies.Rules;

/// <summary>Words for a reader, not blank.</summary>
internal sealed class SentenceAttribute : ValueRuleAttribute
{
    public override string Expected => "a sentence";

    public override string? Problem(string value) => string.IsNullOrWhiteSpace(value) ? "must be a sentence, not blank" : null;

    public override void Describe(JsonObject schema) => schema["pattern"] = @"\S";
}
