using System.Text.Json.Nodes;

namespace CacheGateway.Policies.Rules;

/// <summary>One of a few words.</summary>
internal sealed class ChoiceAttribute(params string[] values) : ValueRuleAttribute
{
    public string[] Values { get; } = values;

    public override string Expected => "one of " + string.Join(", ", Values.Select(value => $"\"{value}\""));

    /// <summary>A word that somebody may miss among them, and what is said of it: "HEAD" and "GET covers HEAD".</summary>
    public string? Missed { get; init; }

    /// <summary>See <see cref="Missed"/>.</summary>
    public string? Note { get; init; }

    public override string? Problem(string value) => Values.Contains(value, StringComparer.Ordinal) ? null
        : $"must be {Expected}{(value == Missed ? $"; {Note}" : Suggestion.For(value, Values))}";

    public override void Describe(JsonObject schema) => schema["enum"] = new JsonArray([.. Values.Select(value => JsonValue.Create(value))]);
}
