namespace CacheGateway.Http;

/// <summary>Which response directives take which kind of value; names are lower case here.</summary>
internal static class DirectiveNames
{
    public static bool TakesSeconds(ReadOnlySpan<char> name) =>
        name is "max-age" or "s-maxage" or "stale-while-revalidate" or "stale-if-error";

    public static bool TakesFields(ReadOnlySpan<char> name) => name is "private" or "no-cache";

    /// <summary>Those that only ever take something away from what a cache may do: in doubt they hold.</summary>
    public static bool Restricts(ReadOnlySpan<char> name) =>
        name is "no-store" or "no-cache" or "private" or "must-revalidate" or "proxy-revalidate";
}
