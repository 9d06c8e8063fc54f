namespace CacheGateway.FunctionalTests.Policies;

/// <summary>Writes policies.json for tests that care for one or two members of one policy.</summary>
internal static class PolicyText
{
    /// <summary>One policy for every path, with a lifetime of a day and the given members.</summary>
    public static string Of(string members = "") =>
        $$"""{ "policies": { "all": { "match": { "path": "/{*rest}" }{{(members.Contains("\"ttl\"", StringComparison.Ordinal) ? "" : ", \"ttl\": \"1d\"")}}{{(members.Length > 0 ? ", " : "")}}{{members}} } } }""";
}
