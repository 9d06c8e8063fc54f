using System.Text.Json.Nodes;

namespace CacheGateway.Policies.Rules;

/// <summary>One of a few words.</summary>
internal sealed class ChoiceAttribute(params string[] values) : ValueRuleAttribute
{
    public string[] Values { get; } = values;

    public override string Expected => "one of " + string.Join(", ", Values.Select(value => $"\"{value}\""));

    public override string? Problem(string value) => Values.Contains(value, StringComparer.Ordinal) ? null
        : $"must be {Expected}{Suggestion.For(value, Values)}";

    public override void Describe(JsonObject schema) => schema["enum"] = new JsonArray([.. Values.Select(value => JsonValue.Create(value))]);
}
