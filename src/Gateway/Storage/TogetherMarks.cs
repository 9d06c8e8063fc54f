namespace CacheGateway.Storage;

/// <summary>
/// Marks of several tags together: each names what carries all of its tags. They lie under the first of their tags, so that a check looks only
/// at sets of which it has one tag already. Bounded: beyond, the oldest becomes a mark on its first tag alone, which names more: too early,
/// never too late. Owned by one <see cref="EpochMarks"/>: written under the lock of its <see cref="TagEpochs"/>, read without.
/// </summary>
internal sealed class TogetherMarks(int most = 1024)
{
    private readonly Queue<TagSet> _oldest = new();
    private Dictionary<string, TagSet[]>? _byFirst;

    /// <summary>False when the mark was as high already.</summary>
    /// <param name="tags">The set.</param>
    /// <param name="epoch">Its epoch.</param>
    /// <param name="soft">Which of its two marks.</param>
    /// <param name="widen">Raises a single tag instead, where a set has to go: called before it goes.</param>
    public bool Raise(string[] tags, long epoch, bool soft, Action<string, long, bool> widen)
    {
        string[] ordered = [.. tags.Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal)];
        var known = Volatile.Read(ref _byFirst);
        if (known is not null && known.TryGetValue(ordered[0], out var sets) && Array.Find(sets, set => set.Tags.AsSpan().SequenceEqual(ordered)) is { } same)
        {
            return same.Mark.Raise(epoch, soft);
        }

        var added = new TagSet(ordered, new Mark());
        added.Mark.Raise(epoch, soft);
        _oldest.Enqueue(added);
        var gone = _oldest.Count > most ? _oldest.Dequeue() : null;
        if (gone is not null)
        {
            widen(gone.Tags[0], gone.Mark.Hard, false);
            widen(gone.Tags[0], gone.Mark.Soft, true);
        }

        // Readers keep the table that they took: it is replaced whole.
        Volatile.Write(ref _byFirst, _oldest.GroupBy(set => set.Tags[0], StringComparer.Ordinal).ToDictionary(group => group.Key, group => group.ToArray(), StringComparer.Ordinal));
        return true;
    }

    /// <summary>Raises <paramref name="hard"/> and <paramref name="soft"/> to the highest epochs of the sets that lie within <paramref name="tags"/>.</summary>
    public void Find(IReadOnlyList<string> tags, ref long hard, ref long soft)
    {
        if (Volatile.Read(ref _byFirst) is not { } byFirst)
        {
            return;
        }

        for (var i = 0; i < tags.Count; i++)
        {
            if (byFirst.TryGetValue(tags[i], out var sets))
            {
                foreach (var set in sets)
                {
                    if (Array.TrueForAll(set.Tags, tags.Contains))
                    {
                        hard = Math.Max(hard, set.Mark.Hard);
                        soft = Math.Max(soft, set.Mark.Soft);
                    }
                }
            }
        }
    }

    private sealed record TagSet(string[] Tags, Mark Mark);
}
