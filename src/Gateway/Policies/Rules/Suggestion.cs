namespace CacheGateway.Policies.Rules;

/// <summary>"Did you mean": the known word that is fewest edits away.</summary>
internal static class Suggestion
{
    /// <summary>"; did you mean "ttl"?", or nothing when no known word is near.</summary>
    public static string For(string word, IEnumerable<string> known)
    {
        var (nearest, edits) = known.Select(candidate => (candidate, Distance(word, candidate)))
            .DefaultIfEmpty(("", int.MaxValue))
            .MinBy(found => found.Item2);
        return edits <= Math.Max(1, Math.Min(word.Length, nearest.Length) / 3) ? $"; did you mean \"{nearest}\"?" : "";
    }

    /// <summary>The known words, those first that <paramref name="word"/> may have been meant to be; of equals, as they came.</summary>
    public static IEnumerable<string> NearestFirst(string word, IEnumerable<string> known) =>
        known.Select(candidate => (candidate, Edits: Distance(word, candidate))).OrderBy(found => IsPart(word, found.candidate) ? Math.Min(found.Edits, 2) : found.Edits).Select(found => found.candidate);

    private static bool IsPart(string word, string candidate) =>
        word.Length > 1 && (candidate.Contains(word, StringComparison.OrdinalIgnoreCase) || word.Contains(candidate, StringComparison.OrdinalIgnoreCase));

    /// <summary>Insertions, deletions, replacements and swaps of neighbours, whatever the case (Damerau-Levenshtein, restricted).</summary>
    private static int Distance(string left, string right)
    {
        // Members are short; a megabyte of a name is not worth a table.
        if (Math.Abs(left.Length - right.Length) > 5)
        {
            return int.MaxValue;
        }

        var table = new int[left.Length + 1, right.Length + 1];
        for (var i = 0; i <= left.Length; i++)
        {
            for (var j = 0; j <= right.Length; j++)
            {
                table[i, j] = i == 0 || j == 0 ? i + j : Cheapest(table, i, j, left, right);
            }
        }

        return table[left.Length, right.Length];
    }

    private static int Cheapest(int[,] table, int i, int j, string left, string right)
    {
        var replace = table[i - 1, j - 1] + (Same(left[i - 1], right[j - 1]) ? 0 : 1);
        var cheapest = Math.Min(replace, Math.Min(table[i - 1, j], table[i, j - 1]) + 1);
        var swapped = i > 1 && j > 1 && Same(left[i - 1], right[j - 2]) && Same(left[i - 2], right[j - 1]);
        return swapped ? Math.Min(cheapest, table[i - 2, j - 2] + 1) : cheapest;
    }

    private static bool Same(char left, char right) => char.ToLowerInvariant(left) == char.ToLowerInvariant(right);
}
