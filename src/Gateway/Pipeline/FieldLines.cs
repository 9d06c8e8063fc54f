using Microsoft.Extensions.Primitives;
using Microsoft.Net.Http.Headers;

namespace CacheGateway.Pipeline;

/// <summary>
/// The lines of one field as the one that is matched, keyed, compared and, where answers may be shared, forwarded: a client could otherwise choose a key by
/// one reading and an answer by another.
/// </summary>
internal static class FieldLines
{
    /// <summary>Null where the request has no such field.</summary>
    public static string? Find(IHeaderDictionary headers, string name) => headers.TryGetValue(name, out var lines) ? Join(name, lines) : null;

    /// <summary>Makes one line of each field that has several.</summary>
    public static void Fold(IHeaderDictionary headers)
    {
        List<string>? several = null;
        foreach (var (name, lines) in headers)
        {
            if (lines.Count > 1)
            {
                (several ??= []).Add(name);
            }
        }

        several?.ForEach(name => headers[name] = Join(name, headers[name]));
    }

    /// <summary>RFC 9110 5.3: a comma. Cookies are no list; HTTP/2 puts their lines together like this (RFC 9113 8.2.3).</summary>
    private static string? Join(string name, StringValues lines) =>
        lines.Count == 1 ? lines[0]
            : name.Equals(HeaderNames.Cookie, StringComparison.OrdinalIgnoreCase) ? string.Join("; ", lines.Where(line => !string.IsNullOrEmpty(line)))
            : string.Join(", ", lines.ToArray());
}
