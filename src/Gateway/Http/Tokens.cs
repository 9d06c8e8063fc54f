using System.Buffers;

namespace CacheGateway.Http;

/// <summary>What names and values of fields are made of (RFC 9110 5.5 and 5.6.2).</summary>
internal static class Tokens
{
    /// <summary>All but the tabulator.</summary>
    private static readonly SearchValues<char> Controls = SearchValues.Create([.. Enumerable.Range(0, 32).Select(code => (char)code).Where(control => control != '\t'), '\u007f']);

    private static readonly SearchValues<char> Characters =
        SearchValues.Create("!#$%&'*+-.^_`|~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz");

    public static bool IsToken(ReadOnlySpan<char> text) => !text.IsEmpty && !text.ContainsAnyExcept(Characters);

    /// <summary>Whether a text may be the value of a field: a server refuses to write control characters, and readers of one disagree about them.</summary>
    public static bool IsFieldValue(ReadOnlySpan<char> text) => !text.ContainsAny(Controls);
}
