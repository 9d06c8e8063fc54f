namespace CacheGateway.Policies.Lint;

/// <summary>The names of the directives in a Cache-Control value that was validated.</summary>
internal static class CacheControlWords
{
    public static IEnumerable<string> Of(string directives) =>
        directives.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries)
            .Select(directive => directive.Split('=')[0].Trim().ToLowerInvariant());
}
