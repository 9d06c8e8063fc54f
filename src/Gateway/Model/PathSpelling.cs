using System.Buffers;

namespace CacheGateway.Model;

/// <summary>
/// One form for all spellings of a path that some backend takes for one: other case, percent-encoded characters that need none, once or several times, doubled, encoded or
/// leaning slashes, parameters behind ";". Only ever compared, never keyed or forwarded.
/// </summary>
public static class PathSpelling
{
    private static readonly SearchValues<char> Marks = SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZ%;\\");

    /// <summary>What a decoded character may be: RFC 3986 3.3 pchar, what is a delimiter to some, and what encodes others. Everything else stays encoded.</summary>
    private static readonly SearchValues<char> Decoded =
        SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~!$&'()*+,;=:@/\\%");

    /// <summary>Whether <see cref="Fold"/> would give the same text; asked of every request.</summary>
    public static bool IsFolded(ReadOnlySpan<char> path) => !path.ContainsAny(Marks) && path.IndexOf("//") < 0;

    /// <summary>The form of <paramref name="path"/>, or of a piece of one.</summary>
    public static string Fold(ReadOnlySpan<char> path)
    {
        var folded = new char[path.Length];
        var decoded = folded.AsSpan(0, Decode(path, folded));
        var length = 0;
        var isParameter = false;
        foreach (var next in decoded)
        {
            var isSlash = next is '/' or '\\';
            isParameter = !isSlash && (isParameter || next == ';');
            if (!isParameter && !(isSlash && length > 0 && folded[length - 1] == '/'))
            {
                folded[length++] = isSlash ? '/' : char.ToLowerInvariant(next);
            }
        }

        return new string(folded, 0, length);
    }

    /// <summary>
    /// Decodes what needs no percent-encoding and what is a delimiter to some, however often and in whatever pieces it is encoded ("%61", "%2561", "%25%36%31"), because some backends decode more
    /// than once.
    /// </summary>
    /// <param name="path">As it came.</param>
    /// <param name="target">As long as the path at least.</param>
    /// <returns>How much of the target is written.</returns>
    internal static int Decode(ReadOnlySpan<char> path, Span<char> target)
    {
        var length = 0;
        foreach (var next in path)
        {
            target[length++] = next;
            // What was decoded may end the next one.
            while (length >= 3 && target[length - 3] == '%' && char.IsAsciiHexDigit(target[length - 2]) && char.IsAsciiHexDigit(target[length - 1])
                && (char)byte.Parse(target[(length - 2)..length], System.Globalization.NumberStyles.AllowHexSpecifier, provider: null) is var decoded && Decoded.Contains(decoded))
            {
                length -= 2;
                target[length - 1] = decoded;
            }
        }

        return length;
    }
}
