using System.Buffers;
using CacheGateway.Model;

namespace CacheGateway.Http;

/// <summary>Reads a request target (RFC 9112 3.2) as text, without decoding anything.</summary>
public static class RequestTarget
{
    /// <summary>In characters.</summary>
    private const int LongestOnStack = 256;

    private static readonly SearchValues<char> AddressCharacters = SearchValues.Create("0123456789abcdefABCDEF:.");

    /// <summary>
    /// Path and query of <paramref name="raw"/>: of origin-form as it is, of absolute-form what follows the authority ("/" when nothing does).
    /// Null for asterisk-form and authority-form, which name no resource that could be cached.
    /// </summary>
    public static string? OriginForm(string raw)
    {
        ArgumentNullException.ThrowIfNull(raw);
        if (raw.StartsWith('/'))
        {
            return raw;
        }

        var scheme = raw.IndexOf("://", StringComparison.Ordinal);
        if (scheme <= 0)
        {
            return null;
        }

        var rest = raw.AsSpan(scheme + 3);
        var path = rest.IndexOfAny('/', '?');
        return path < 0 ? "/" : rest[path] == '?' ? string.Concat("/", rest[path..]) : rest[path..].ToString();
    }

    /// <summary>Whether it names the server itself: asterisk-form, or absolute-form with neither path nor query (RFC 9112 3.2.4).</summary>
    public static bool IsOfServer(string raw)
    {
        ArgumentNullException.ThrowIfNull(raw);
        var scheme = raw.StartsWith('/') ? -1 : raw.IndexOf("://", StringComparison.Ordinal);
        return raw == "*" || (scheme > 0 && raw.AsSpan(scheme + 3).IndexOfAny('/', '?') < 0);
    }

    /// <summary>The authority that <paramref name="raw"/> names in absolute-form; null in every other.</summary>
    public static string? AuthorityOf(string raw)
    {
        ArgumentNullException.ThrowIfNull(raw);
        var scheme = raw.StartsWith('/') ? -1 : raw.IndexOf("://", StringComparison.Ordinal);
        if (scheme <= 0)
        {
            return null;
        }

        var rest = raw.AsSpan(scheme + 3);
        var end = rest.IndexOfAny('/', '?');
        return (end < 0 ? rest : rest[..end]).ToString();
    }

    /// <summary>
    /// Whether a path can be keyed by its bytes: no dot segments (<see cref="HasDotSegments"/>), backslashes, fragments or control characters, which caches
    /// and origins are known to read differently. Any other passes uncached.
    /// </summary>
    public static bool IsKeyable(ReadOnlySpan<char> target)
    {
        if (target.IsEmpty || target[0] != '/' || target.IndexOfAny('\\', '#') >= 0 || target.IndexOfAnyExceptInRange('!', '~') >= 0)
        {
            return false;
        }

        return !HasDotSegments(TargetParts.Path(target));
    }

    /// <summary>
    /// Whether some reader of <paramref name="path"/> could find "." or ".." between its slashes: plain, encoded (<see cref="PathSpelling.Decode"/>), with slashes that are encoded or lean the
    /// other way, or with ";" parameters behind, which some origins cut off.
    /// </summary>
    public static bool HasDotSegments(ReadOnlySpan<char> path)
    {
        if (!path.ContainsAny('.', '%'))
        {
            return false;
        }

        Span<char> decoded = path.Length <= LongestOnStack ? stackalloc char[LongestOnStack] : new char[path.Length];
        decoded = decoded[..PathSpelling.Decode(path, decoded)];
        // How many dots the segment has so far; none is enough once it has anything else.
        var dots = 0;
        var isOther = false;
        foreach (var next in decoded)
        {
            if (next is '/' or '\\' or ';')
            {
                if (!isOther && dots is 1 or 2)
                {
                    return true;
                }

                // What stands behind ";" is no segment of its own.
                (dots, isOther) = (0, next == ';');
            }
            else if (next == '.')
            {
                dots++;
            }
            else
            {
                isOther = true;
            }
        }

        return !isOther && dots is 1 or 2;
    }

    /// <summary>
    /// Host and port in one form: lower case, without the scheme's default port and without a trailing dot. Null when the syntax is not
    /// that of a host (RFC 9110 7.2).
    /// </summary>
    public static string? NormaliseAuthority(string? host, string scheme)
    {
        if (string.IsNullOrEmpty(host))
        {
            return null;
        }

        var name = host.AsSpan();
        ReadOnlySpan<char> port = [];
        if (AuthorityText.PortStart(host) is >= 0 and var colon)
        {
            port = name[(colon + 1)..];
            name = name[..colon];
            if (port.IndexOfAnyExceptInRange('0', '9') >= 0 || port.Length > 5 || (port.Length > 0 && int.Parse(port, provider: null) > 65535))
            {
                return null;
            }
        }

        if (name.EndsWith("."))
        {
            name = name[..^1];
        }

        if (name.IsEmpty || !IsHostName(name))
        {
            return null;
        }

        var defaultPort = port.IsEmpty || port.SequenceEqual(string.Equals(scheme, "https", StringComparison.OrdinalIgnoreCase) ? "443" : "80");
        var length = defaultPort ? name.Length : name.Length + 1 + port.Length;
        if (length == host.Length && name.IndexOfAnyInRange('A', 'Z') < 0)
        {
            return host;
        }

        var lower = name.ToString().ToLowerInvariant();
        return defaultPort ? lower : string.Concat(lower, ":", port);
    }

    private static bool IsHostName(ReadOnlySpan<char> name)
    {
        if (name[0] == '[')
        {
            return name[^1] == ']' && name[1..^1].IndexOfAnyExcept(AddressCharacters) < 0;
        }

        // A label is never empty, so that one name has one spelling.
        var previous = '.';
        foreach (var c in name)
        {
            if (!char.IsAsciiLetterOrDigit(c) && c is not ('-' or '_' or '~') && (c != '.' || previous == '.'))
            {
                return false;
            }

            previous = c;
        }

        return previous != '.';
    }
}
