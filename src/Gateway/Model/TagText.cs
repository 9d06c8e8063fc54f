using System.Buffers;
using System.Text;

namespace CacheGateway.Model;

/// <summary>What a tag may look like: letters, digits and <c>_ : . / -</c>; anything else in a bound value is percent-encoded.</summary>
internal static class TagText
{
    /// <summary>Longest tag, in characters.</summary>
    public const int MaxLength = 256;

    private const string Plain = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_:./-";

    private static readonly SearchValues<char> PlainCharacters = SearchValues.Create(Plain);
    private static readonly SearchValues<char> TagCharacters = SearchValues.Create(Plain + "%");

    /// <summary>Whether a finished tag (from a header, a message or an expansion) is well formed.</summary>
    public static bool IsTag(ReadOnlySpan<char> tag) => tag.Length is > 0 and <= MaxLength && !tag.ContainsAnyExcept(TagCharacters);

    public static bool IsLiteral(ReadOnlySpan<char> text) => !text.ContainsAnyExcept(PlainCharacters);

    /// <summary>A value as part of a tag, so that it brings no separator in: "a b" becomes "a%20b".</summary>
    public static string Encode(string value)
    {
        if (IsLiteral(value))
        {
            return value;
        }

        var text = new StringBuilder(value.Length + 8);
        foreach (var b in Encoding.UTF8.GetBytes(value))
        {
            if (PlainCharacters.Contains((char)b))
            {
                text.Append((char)b);
            }
            else
            {
                text.Append('%').Append(Convert.ToHexString([b]));
            }
        }

        return text.ToString();
    }

    /// <summary>A raw path value: decoded first, so that <c>/products/caf%C3%A9</c> and an event's "café" give one tag.</summary>
    public static string EncodePathValue(string raw) => Encode(Uri.UnescapeDataString(raw));
}
