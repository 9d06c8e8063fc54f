namespace CacheGateway.Http;

/// <summary>Reads a Cookie header (RFC 6265 5.4) by raw bytes: pairs apart at ";", names before the first "=".</summary>
public static class CookieValues
{
    /// <summary>The pairs whose names are in <paramref name="names"/>, in the order they came, as a Cookie header.</summary>
    public static string Select(string cookieHeader, IReadOnlyList<string> names)
    {
        ArgumentNullException.ThrowIfNull(cookieHeader);
        ArgumentNullException.ThrowIfNull(names);
        var kept = new List<string>();
        foreach (var pair in cookieHeader.Split(';', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
        {
            var equals = pair.IndexOf('=', StringComparison.Ordinal);
            if (names.Contains(equals < 0 ? pair : pair[..equals].TrimEnd(), StringComparer.Ordinal))
            {
                kept.Add(pair);
            }
        }

        return string.Join("; ", kept);
    }
}
