using System.Text.Json.Nodes;

namespace CacheGateway.Policies.Rules;

/// <summary>The value of a Cache-Control response header.</summary>
internal sealed class CacheControlAttribute : ValueRuleAttribute
{
    public override string Expected => "a Cache-Control value such as \"public, max-age=60\"";

    public override string? Problem(string value)
    {
        CacheControlText.TryParse(value, out var error);
        return error;
    }

    public override void Describe(JsonObject schema) => schema["minLength"] = 1;
}
