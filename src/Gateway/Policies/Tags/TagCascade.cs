namespace CacheGateway.Policies.Tags;

/// <summary>
/// Which tags raise which others: "category:{id}" raises "products". Free of cycles (checked when the file is read), so closing ends. Rules that lead back to themselves by empty values
/// alone ("tenant:{t}" raises "tenant:") are none: those raise the same tag each time, and a tag is closed once.
/// </summary>
internal sealed class TagCascade(IReadOnlyList<TagCascade.Rule> rules)
{
    public static readonly TagCascade Empty = new([]);

    public IReadOnlyList<Rule> Rules { get; } = rules;

    public IReadOnlyCollection<string> Close(IEnumerable<string> tags)
    {
        var closed = new HashSet<string>(StringComparer.Ordinal);
        var open = new Stack<string>(tags);
        while (open.TryPop(out var tag))
        {
            if (!closed.Add(tag))
            {
                continue;
            }

            foreach (var raised in Rules.SelectMany(rule => rule.RaisedBy(tag)))
            {
                open.Push(raised);
            }
        }

        return closed;
    }

    /// <summary>The rules that lead back to themselves, as "a -> b -> a", or null.</summary>
    public string? FindCycle()
    {
        var done = new HashSet<Rule>();
        foreach (var rule in Rules)
        {
            var chain = new List<Rule>();
            if (Walk(rule, chain, done))
            {
                return string.Join(" -> ", chain.Select(link => link.Tag.Text));
            }
        }

        return null;
    }

    private bool Walk(Rule rule, List<Rule> chain, HashSet<Rule> done)
    {
        var first = chain.IndexOf(rule);
        chain.Add(rule);
        if (first >= 0)
        {
            chain.RemoveRange(0, first);
            return true;
        }

        if (!done.Contains(rule))
        {
            foreach (var next in Rules)
            {
                if (rule.Raises.Any(raised => TagMatch.OverlapFilled(raised, next.Tag)) && Walk(next, chain, done))
                {
                    return true;
                }
            }

            done.Add(rule);
        }

        chain.RemoveAt(chain.Count - 1);
        return false;
    }

    /// <param name="Tag">Recognises the tag that was raised and binds its holes.</param>
    /// <param name="Raises">Filled with what was bound.</param>
    internal sealed record Rule(TagPattern Tag, IReadOnlyList<TagPattern> Raises)
    {
        public IEnumerable<string> RaisedBy(string tag)
        {
            foreach (var values in TagMatch.Read(Tag, tag))
            {
                var bound = Tag.Holes.Zip(values).ToDictionary(pair => pair.First, pair => pair.Second, StringComparer.Ordinal);
                foreach (var raised in Raises.SelectMany(pattern => pattern.Fill(hole => [bound[hole]])))
                {
                    yield return raised;
                }
            }
        }
    }
}
