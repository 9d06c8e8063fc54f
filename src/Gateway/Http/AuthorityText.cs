namespace CacheGateway.Http;

/// <summary>The parts of an authority (RFC 3986 3.2) as they are written, and what it means where somebody writes one down.</summary>
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

    /// <summary>Without the dot that a name may end with, as authorities are compared.</summary>
    public static string WithoutFinalDot(string authority)
    {
        var name = WithoutPort(authority);
        return name.EndsWith('.') ? name[..^1] + authority[name.Length..] : authority;
    }

    /// <summary>
    /// Whether a pattern, in settings or policies, takes an authority. One without a port takes every port; an authority without one has that of its scheme, which a pattern may name.
    /// "*.example.org" takes what stands below example.org, not itself.
    /// </summary>
    /// <param name="pattern">Without a final dot; of either case.</param>
    /// <param name="authority">Normalised.</param>
    public static bool IsTaken(ReadOnlySpan<char> pattern, ReadOnlySpan<char> authority)
    {
        var (wanted, port) = (PortStart(pattern), PortStart(authority));
        if (wanted < 0 && port >= 0)
        {
            authority = authority[..port];
        }
        else if (wanted >= 0 && port < 0 && pattern[(wanted + 1)..] is "80" or "443")
        {
            pattern = pattern[..wanted];
        }

        return pattern.StartsWith("*.", StringComparison.Ordinal)
            ? authority.Length > pattern.Length - 1 && authority.EndsWith(pattern[1..], StringComparison.OrdinalIgnoreCase)
            : authority.Equals(pattern, StringComparison.OrdinalIgnoreCase);
    }
}
