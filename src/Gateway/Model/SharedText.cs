namespace CacheGateway.Model;

/// <summary>
/// One string for equal texts that are kept in many entries: field names, content types, directives, dates, hosts. A table of fixed size in which a newer
/// text takes the place of an older one, so what is rare costs nothing but a look, and nothing is kept alive for long.
/// </summary>
internal static class SharedText
{
    private const int Size = 2048;

    /// <summary>Longer texts are rarely the same twice.</summary>
    private const int Longest = 128;

    /// <summary>Asked for so many times, a text is in several entries: one entry may ask for one text twice.</summary>
    private const byte Several = 4;

    private static readonly string?[] Texts = new string?[Size];
    private static readonly byte[] Uses = new byte[Size];

    public static string Of(string text) => Of(text, text);

    /// <summary>As <see cref="Of(string)"/>, for a text that is part of another.</summary>
    public static string Of(ReadOnlySpan<char> text) => Of(text, null);

    /// <summary>Whether this very string is held and is in several entries: it costs the next one nothing.</summary>
    public static bool IsShared(string text)
    {
        if (text.Length > Longest)
        {
            return false;
        }

        var place = Place(text);
        return Uses[place] >= Several && ReferenceEquals(Volatile.Read(ref Texts[place]), text);
    }

    private static uint Place(ReadOnlySpan<char> text) => (uint)string.GetHashCode(text) % Size;

    private static string Of(ReadOnlySpan<char> text, string? whole)
    {
        if (text.Length > Longest)
        {
            return whole ?? text.ToString();
        }

        var place = Place(text);
        if (Volatile.Read(ref Texts[place]) is { } held && text.SequenceEqual(held))
        {
            if (Uses[place] < Several)
            {
                Uses[place]++;
            }

            return held;
        }

        whole ??= text.ToString();
        Uses[place] = 1;
        Volatile.Write(ref Texts[place], whole);
        return whole;
    }
}
