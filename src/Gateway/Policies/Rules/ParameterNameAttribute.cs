using System.Text.Json.Nodes;

namespace CacheGateway.Policies.Rules;

/// <summary>A query parameter's name, decoded or as it stands in the raw query, or a prefix with "*".</summary>
internal sealed class ParameterNameAttribute : ValueRuleAttribute
{
    public override string Expected => "a query parameter's name";

    public override string? Problem(string value) =>
        value.Length == 0 || value.AsSpan().ContainsAny("&=#? ") ? "must be a query parameter's name, without & = # ? or spaces"
            : value.IndexOf('*', StringComparison.Ordinal) is var star and >= 0 && star != value.Length - 1 ? "may have a \"*\" at its end only"
            : null;

    public override void Describe(JsonObject schema) => schema["pattern"] = "^[^&=#? *]*[^&=#? ]$";
}
