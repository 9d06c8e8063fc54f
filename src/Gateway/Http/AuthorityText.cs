namespace CacheGateway.Http;

/// <summary>The parts of an authority (RFC 3986 3.2) as they are written.</summary>
internal static class AuthorityText
{
    /// <summary>Where ":port" begins, or -1; the colons inside an IPv6 address stand between brackets.</summary>
    public static int PortStart(ReadOnlySpan<char> authority)
    {
        var colon = authority.LastIndexOf(':');
        return colon > authority.LastIndexOf(']') ? colon : -1;
    }

    /// <summary>The host alone, with its brackets if it has any.</summary>
    public static string WithoutPort(string authority) => PortStart(authority) is >= 0 and var port ? authority[..port] : authority;
}
