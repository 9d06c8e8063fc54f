namespace CacheGateway.Model;

/// <summary>One string for equal texts that are kept in many entries: field names, content types, directives, dates, hosts.</summary>
internal static class SharedText
{
    /// <summary>Longer texts are rarely the same twice.</summary>
    private const int Longest = 128;

    private static readonly SharedTable<string> Texts = new();

    public static string Of(string text) => Of(text, text);

    /// <summary>As <see cref="Of(string)"/>, for a text that is part of another.</summary>
    public static string Of(ReadOnlySpan<char> text) => Of(text, null);

    /// <summary>Whether this very string is held and is in several entries: it costs the next one nothing.</summary>
    public static bool IsShared(string text) => text.Length <= Longest && Texts.IsShared(string.GetHashCode(text), text);

    private static string Of(ReadOnlySpan<char> text, string? whole)
    {
        if (text.Length > Longest)
        {
            return whole ?? text.ToString();
        }

        var hash = string.GetHashCode(text);
        if (Texts.Find(hash, text, static (held, text) => text.SequenceEqual(held)) is { } shared)
        {
            return shared;
        }

        whole ??= text.ToString();
        Texts.Add(hash, whole);
        return whole;
    }
}
