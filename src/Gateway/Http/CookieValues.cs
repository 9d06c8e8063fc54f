namespace CacheGateway.Http;

/// <summary>Reads a Cookie header (RFC 6265 5.4) by raw bytes: pairs apart at ";", names before the first "=".</summary>
public static class CookieValues
{
    /// <summary>The pairs whose names are in <paramref name="names"/>, in the order they came, as a Cookie header.</summary>
    public static string Select(string cookieHeader, IReadOnlyList<string> names)
    {
        ArgumentNullException.ThrowIfNull(cookieHeader);
        ArgumentNullException.ThrowIfNull(names);
        return string.Join("; ", Pairs(cookieHeader).Where(pair => names.Contains(NameOf(pair), StringComparer.Ordinal)));
    }

    /// <summary>The pairs whose names are not dropped, in the order they came, as a Cookie header; "" when there are none.</summary>
    public static string Without(string cookieHeader, Predicate<string> isDropped)
    {
        ArgumentNullException.ThrowIfNull(cookieHeader);
        ArgumentNullException.ThrowIfNull(isDropped);
        return string.Join("; ", Pairs(cookieHeader).Where(pair => !isDropped(NameOf(pair))));
    }

    private static string[] Pairs(string cookieHeader) => cookieHeader.Split(';', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);

    private static string NameOf(string pair)
    {
        var equals = pair.IndexOf('=', StringComparison.Ordinal);
        return equals < 0 ? pair : pair[..equals].TrimEnd();
    }
}
