using CacheGateway.Http;
using Microsoft.Extensions.Primitives;
using Microsoft.Net.Http.Headers;

namespace CacheGateway.Pipeline;

/// <summary>
/// Fields that Connection names are for this gateway alone (RFC 9110 7.6.1). They are gone before anything is matched, keyed or selected by them: what the
/// origin does not see must not tell a response from others, or a client could have the origin's answer to nobody stored for somebody.
/// </summary>
internal static class NominatedFields
{
    public static void Drop(IHeaderDictionary headers, StringValues connection)
    {
        if (connection is [{ } only] && (only.Equals("keep-alive", StringComparison.OrdinalIgnoreCase) || only.Equals("close", StringComparison.OrdinalIgnoreCase)))
        {
            return;
        }

        foreach (var name in Names(connection))
        {
            if (!IsKept(name))
            {
                headers.Remove(name);
            }
        }
    }

    /// <summary>The well-formed names in the lines of a Connection field.</summary>
    public static IEnumerable<string> Names(StringValues lines)
    {
        foreach (var line in lines)
        {
            foreach (var token in (line ?? "").Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
            {
                if (Tokens.IsToken(token))
                {
                    yield return token;
                }
            }
        }
    }

    /// <summary>A client must not be able to remove what the gateway itself vouches for, nor what delimits the message or belongs to the connection.</summary>
    private static bool IsKept(string name) =>
        name.StartsWith("X-Forwarded-", StringComparison.OrdinalIgnoreCase) || name.StartsWith("Content-", StringComparison.OrdinalIgnoreCase)
        || Is(name, HeaderNames.Host) || Is(name, HeaderNames.Connection) || Is(name, HeaderNames.TransferEncoding) || Is(name, HeaderNames.Upgrade) || Is(name, HeaderNames.TE);

    private static bool Is(string name, string other) => name.Equals(other, StringComparison.OrdinalIgnoreCase);
}
