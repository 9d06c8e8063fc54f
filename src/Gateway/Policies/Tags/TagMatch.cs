namespace CacheGateway.Policies.Tags;

/// <summary>Recognises tags by the template that made them.</summary>
internal static class TagMatch
{
    /// <summary>
    /// Every way to read <paramref name="tag"/> as made by <paramref name="pattern"/>, as values in the order of its holes; a value may be empty, as that of what was absent is. There is
    /// more than one way where a value may hold the literal that separates two holes; all of them count, for a tag too many is a miss, one too few is a stale answer.
    /// </summary>
    public static IEnumerable<string[]> Read(TagPattern pattern, string tag) => Read(pattern.Parts, 0, tag, 0, []);

    /// <summary>Whether some tag could be made by both.</summary>
    public static bool Overlap(TagPattern left, TagPattern right) => Overlap(Wildcards(left, "*"), 0, Wildcards(right, "*"), 0);

    /// <summary>The same where no value is empty.</summary>
    public static bool OverlapFilled(TagPattern left, TagPattern right) => Overlap(Wildcards(left, "?*"), 0, Wildcards(right, "?*"), 0);

    private static IEnumerable<string[]> Read(IReadOnlyList<TagPattern.Part> parts, int part, string tag, int at, string[] values)
    {
        if (part == parts.Count)
        {
            return at == tag.Length ? [values] : [];
        }

        var (isHole, text) = parts[part];
        return isHole
            ? Enumerable.Range(at, tag.Length - at + 1).SelectMany(end => Read(parts, part + 1, tag, end, [.. values, tag[at..end]]))
            : string.CompareOrdinal(tag, at, text, 0, text.Length) == 0 ? Read(parts, part + 1, tag, at + text.Length, values) : [];
    }

    /// <param name="pattern">The template.</param>
    /// <param name="hole">What stands for a hole: '*' takes any number of characters, '?' one.</param>
    private static string Wildcards(TagPattern pattern, string hole) => string.Concat(pattern.Parts.Select(part => part.IsHole ? hole : part.Text));

    private static bool Overlap(string left, int i, string right, int j)
    {
        // Templates are at most 256 characters; what was tried is remembered, so that two of them cost at most their product.
        var tried = new HashSet<(int, int)>();
        var open = new Stack<(int I, int J)>([(i, j)]);
        while (open.TryPop(out var at))
        {
            if (!tried.Add(at))
            {
                continue;
            }

            (i, j) = at;
            if (i == left.Length && j == right.Length)
            {
                return true;
            }

            var (a, b) = (i < left.Length ? left[i] : '\0', j < right.Length ? right[j] : '\0');
            if (a == '*')
            {
                open.Push((i + 1, j));
            }

            if (b == '*')
            {
                open.Push((i, j + 1));
            }

            if (a == '\0' || b == '\0')
            {
                continue;
            }

            // One character that both take; a star stays to take more.
            if (a == b || a is '?' or '*' || b is '?' or '*')
            {
                open.Push((a == '*' ? i : i + 1, b == '*' ? j : j + 1));
            }
        }

        return false;
    }
}
