namespace CacheGateway.Http;

/// <summary>
/// One string for equal texts that are kept in many entries: field names, content types, directives, dates, hosts. A table of fixed size in which a newer
/// text takes the place of an older one, so what is rare costs nothing but a look, and nothing is kept alive for long.
/// </summary>
internal static class SharedText
{
    private const int Size = 2048;

    /// <summary>Longer texts are rarely the same twice.</summary>
    private const int Longest = 128;

    private static readonly string?[] Texts = new string?[Size];

    public static string Of(string text)
    {
        if (text.Length > Longest)
        {
            return text;
        }

        ref var place = ref Texts[(uint)string.GetHashCode(text) % Size];
        var held = Volatile.Read(ref place);
        if (string.Equals(held, text, StringComparison.Ordinal))
        {
            return held!;
        }

        Volatile.Write(ref place, text);
        return text;
    }
}
