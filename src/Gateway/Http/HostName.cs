namespace CacheGateway.Http;

/// <summary>Which names of hosts can be told to an origin.</summary>
internal static class HostName
{
    private const int LongestPlain = 63;

    /// <summary>
    /// Whether the client library that asks origins writes <paramref name="host"/> as the Host of a request. What it takes for none it sends beside a Host of its own,
    /// and of two each origin picks one.
    /// </summary>
    /// <param name="host">The field's value as it came.</param>
    public static bool IsWritable(string host)
    {
        ArgumentNullException.ThrowIfNull(host);
        return IsPlain(host) || IsTaken(host);
    }

    /// <summary>As nearly every name is: labels of letters, digits and hyphens, no hyphen at either end. The library takes each of these, so it need not be asked.</summary>
    private static bool IsPlain(string host)
    {
        var colon = host.IndexOf(':', StringComparison.Ordinal);
        var name = host.AsSpan(0, colon < 0 ? host.Length : colon);
        if (host.Length > LongestPlain || (colon >= 0 && !IsPlainPort(host.AsSpan(colon + 1))))
        {
            return false;
        }

        var previous = '.';
        foreach (var c in name)
        {
            if (!char.IsAsciiLetterOrDigit(c) && (c is not ('-' or '.') || previous == '.' || (c == '.' && previous == '-')))
            {
                return false;
            }

            previous = c;
        }

        return previous is not ('-' or '.');
    }

    private static bool IsPlainPort(ReadOnlySpan<char> port) => port.Length is > 0 and < 5 && !port.ContainsAnyExceptInRange('0', '9');

    private static bool IsTaken(string host)
    {
        using var request = new HttpRequestMessage();
        return request.Headers.TryAddWithoutValidation("Host", host) && request.Headers.Host == host;
    }
}
