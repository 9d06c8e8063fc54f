using System.Globalization;

namespace CacheGateway.FunctionalTests.Fuzz;

/// <summary>
/// A second reader of request streams, written for the tests from RFC 9112 alone and stricter than any server: it takes the whole requests at the
/// beginning of some bytes and stops at whatever two readers could take in two ways. What it did not take, no origin may ever see.
/// </summary>
internal static class StrictReader
{
    private const string Token = "!#$%&'*+-.^_`|~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

    /// <summary>The requests that lie whole at the beginning of <paramref name="bytes"/>; each behind the one before.</summary>
    public static List<StrictRequest> Read(string bytes)
    {
        var requests = new List<StrictRequest>();
        var at = 0;
        while (at < bytes.Length)
        {
            // One empty line before a request may be left over from what came before (RFC 9112 2.2).
            if (bytes.AsSpan(at).StartsWith("\r\n"))
            {
                at += 2;
            }

            if (One(bytes, ref at) is not { } request)
            {
                break;
            }

            requests.Add(request);
        }

        return requests;
    }

    private static StrictRequest? One(string bytes, ref int at)
    {
        if (Line(bytes, ref at) is not { } line || line.Split(' ') is not [var method, var target, "HTTP/1.0" or "HTTP/1.1"] || !IsToken(method) || target.Length == 0)
        {
            return null;
        }

        var fields = new List<(string Name, string Value)>();
        while (true)
        {
            if (Line(bytes, ref at) is not { } field)
            {
                return null;
            }

            if (field.Length == 0)
            {
                break;
            }

            var colon = field.IndexOf(':', StringComparison.Ordinal);
            if (colon < 0 || !IsToken(field[..colon]))
            {
                return null;
            }

            fields.Add((field[..colon], field[(colon + 1)..].Trim(' ', '\t')));
        }

        var request = new StrictRequest(method, target, fields);
        var lengths = request.All("Content-Length");
        var codings = request.All("Transfer-Encoding");
        if (codings.Length > 0)
        {
            return lengths.Length == 0 && codings.Length == 1 && codings[0].Equals("chunked", StringComparison.OrdinalIgnoreCase) && Chunks(bytes, ref at) is { } body
                ? request with { Body = body }
                : null;
        }

        if (lengths.Length == 0)
        {
            return request;
        }

        if (lengths.Length > 1 || !int.TryParse(lengths[0], NumberStyles.None, CultureInfo.InvariantCulture, out var length) || length > bytes.Length - at)
        {
            return null;
        }

        at += length;
        return request with { Body = bytes.Substring(at - length, length) };
    }

    private static string? Chunks(string bytes, ref int at)
    {
        var body = "";
        while (true)
        {
            if (Line(bytes, ref at) is not { } line
                || !int.TryParse(line.Split(';')[0], NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var size) || size < 0 || size > bytes.Length - at)
            {
                return null;
            }

            if (size == 0)
            {
                break;
            }

            body += bytes.Substring(at, size);
            at += size;
            if (Line(bytes, ref at) is not "")
            {
                return null;
            }
        }

        while (Line(bytes, ref at) is { } trailer)
        {
            if (trailer.Length == 0)
            {
                return body;
            }
        }

        return null;
    }

    /// <summary>Up to CRLF; null where another line end, or none, comes first.</summary>
    private static string? Line(string bytes, ref int at)
    {
        var end = bytes.AsSpan(at).IndexOfAny('\r', '\n');
        if (end < 0 || !bytes.AsSpan(at + end).StartsWith("\r\n"))
        {
            return null;
        }

        at += end + 2;
        return bytes.Substring(at - end - 2, end);
    }

    private static bool IsToken(string text) => text.Length > 0 && text.All(c => Token.Contains(c, StringComparison.Ordinal));
}

/// <summary>A request that can be read in one way only.</summary>
internal sealed record StrictRequest(string Method, string Target, List<(string Name, string Value)> Fields)
{
    public string Body { get; init; } = "";

    /// <summary>Path and query as an origin is asked for them.</summary>
    public string OriginTarget
    {
        get
        {
            var scheme = Target.StartsWith('/') ? -1 : Target.IndexOf("://", StringComparison.Ordinal);
            if (scheme < 0)
            {
                // The client library that asks origins cannot write "*" (docs/security.md).
                return Target == "*" ? "/" : Target;
            }

            var path = Target.IndexOfAny(['/', '?'], scheme + 3);
            return path < 0 ? "/" : Target[path] == '?' ? "/" + Target[path..] : Target[path..];
        }
    }

    /// <summary>Whom it is for: that of an absolute target, else the Host field; spelled as one, without port 80 and trailing dot.</summary>
    public string Authority
    {
        get
        {
            var scheme = Target.StartsWith('/') ? -1 : Target.IndexOf("://", StringComparison.Ordinal);
            return Normal(scheme < 0 ? All("Host").FirstOrDefault() ?? "" : Target[(scheme + 3)..].Split('/', '?')[0]);
        }
    }

    public static string Normal(string authority)
    {
        var lower = authority.ToLowerInvariant();
        var name = lower.EndsWith(":80", StringComparison.Ordinal) ? lower[..^3] : lower.EndsWith(':') ? lower[..^1] : lower;
        return name.EndsWith('.') ? name[..^1] : name;
    }

    public string[] All(string name) => [.. Fields.Where(field => field.Name.Equals(name, StringComparison.OrdinalIgnoreCase)).Select(field => field.Value)];
}
