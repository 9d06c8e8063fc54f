using System.Buffers;

namespace CacheGateway.Model;

/// <summary>
/// One form for all spellings of a path that some backend takes for one: other case, percent-encoded characters that need none, doubled, encoded or
/// leaning slashes, parameters behind ";". Only ever compared, never keyed or forwarded.
/// </summary>
public static class PathSpelling
{
    private static readonly SearchValues<char> Marks = SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZ%;\\");

    /// <summary>What a decoded character may be: RFC 3986 3.3 pchar, and what is a delimiter to some. Everything else stays encoded.</summary>
    private static readonly SearchValues<char> Decoded =
        SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~!$&'()*+,;=:@/\\");

    /// <summary>Whether <see cref="Fold"/> would give the same text; asked of every request.</summary>
    public static bool IsFolded(ReadOnlySpan<char> path) => !path.ContainsAny(Marks) && path.IndexOf("//") < 0;

    /// <summary>The form of <paramref name="path"/>, or of a piece of one.</summary>
    public static string Fold(ReadOnlySpan<char> path)
    {
        var folded = new char[path.Length];
        var length = 0;
        var isParameter = false;
        while (!path.IsEmpty)
        {
            var next = Next(ref path);
            var isSlash = next is '/' or '\\';
            isParameter = !isSlash && (isParameter || next == ';');
            if (!isParameter && !(isSlash && length > 0 && folded[length - 1] == '/'))
            {
                folded[length++] = isSlash ? '/' : char.ToLowerInvariant(next);
            }
        }

        return new string(folded, 0, length);
    }

    private static char Next(ref ReadOnlySpan<char> path)
    {
        if (path.Length >= 3 && path[0] == '%' && char.IsAsciiHexDigit(path[1]) && char.IsAsciiHexDigit(path[2])
            && (char)byte.Parse(path[1..3], System.Globalization.NumberStyles.AllowHexSpecifier, provider: null) is var decoded && Decoded.Contains(decoded))
        {
            path = path[3..];
            return decoded;
        }

        var next = path[0];
        path = path[1..];
        return next;
    }
}
