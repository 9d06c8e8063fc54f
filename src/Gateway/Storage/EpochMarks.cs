using CacheGateway.Http;
using CacheGateway.Model;

namespace CacheGateway.Storage;

/// <summary>
/// The marks of one incarnation and the epoch up to which they are complete. Made by <see cref="TagEpochs"/> when an incarnation begins,
/// written under its lock, read without; it dies when the next one begins.
/// </summary>
internal sealed class EpochMarks
{
    private readonly MarkTable _marks;
    private readonly PrefixShapes _prefixes = new();
    private readonly TogetherMarks _together = new();
    private long _applied;
    private long _all = long.MinValue;
    private long _allSoft = long.MinValue;
    private long _furthest = long.MinValue;

    public EpochMarks(long incarnation, int maxMarks, int slots)
    {
        Incarnation = incarnation;
        _marks = new MarkTable(maxMarks, slots);
    }

    public long Incarnation { get; }

    public long Applied
    {
        get => Volatile.Read(ref _applied);
        set => Volatile.Write(ref _applied, value);
    }

    /// <summary>The highest epoch of a response that came from another node.</summary>
    public long Furthest => Volatile.Read(ref _furthest);

    public int Count => _marks.Count;

    /// <summary>A response of that epoch came from another node.</summary>
    public void Saw(long epoch)
    {
        for (var seen = Furthest; epoch > seen;)
        {
            var before = Interlocked.CompareExchange(ref _furthest, epoch, seen);
            if (before == seen)
            {
                return;
            }

            seen = before;
        }
    }

    /// <summary>Whether something changed. Under the lock.</summary>
    public bool Raise(long epoch, InvalidationScope scope, MarkName[] names)
    {
        var changed = false;
        if (scope.All)
        {
            ref var all = ref scope.Soft ? ref _allSoft : ref _all;
            changed = epoch > all;
            Volatile.Write(ref all, Math.Max(all, epoch));
        }

        foreach (var name in names)
        {
            changed |= Raise(epoch, name, scope.Soft);
        }

        if (scope.Every.Length > 0)
        {
            changed |= _together.Raise(scope.Every, epoch, scope.Soft, (tag, mark, soft) => _marks.Raise(new MarkName(MarkKind.Tag, "", tag), mark, soft));
        }

        return changed;
    }

    /// <summary>Whether something changed. Under the lock.</summary>
    public bool Raise(long epoch, MarkName name, bool soft) =>
        _marks.Raise(name.Kind == MarkKind.Prefix ? name with { Text = _prefixes.Register(name.Text) } : name, epoch, soft);

    /// <summary>Folds what is too much. Under the lock.</summary>
    public void Trim() => _marks.Trim();

    /// <summary>What the invalidations after <paramref name="epoch"/> leave of a response with these names.</summary>
    public Liveness Check(long epoch, in ResourceId resource, IReadOnlyList<string> tags)
    {
        var hard = Volatile.Read(ref _all);
        var soft = Volatile.Read(ref _allSoft);
        // Before the single tags: a set that had to go has a mark there by then.
        _together.Find(tags, ref hard, ref soft);
        for (var i = 0; i < tags.Count; i++)
        {
            Look(MarkKind.Tag, "", tags[i], ref hard, ref soft);
        }

        Look(MarkKind.Policy, "", resource.Policy, ref hard, ref soft);
        LookAtUrl(resource, resource.Target, ref hard, ref soft);
        if (resource.Target.Contains('%', StringComparison.Ordinal) && TargetSpelling.Normalise(resource.Target) is var normal && normal != resource.Target)
        {
            // However this target is spelt by who raises it, the normal spelling is raised too (RFC 3986 6.2.2).
            LookAtUrl(resource, normal, ref hard, ref soft);
            LookAtPrefixes(resource.Authority, TargetParts.Path(normal), ref hard, ref soft);
        }

        LookAtPrefixes(resource.Authority, resource.Path, ref hard, ref soft);
        return hard > epoch ? Liveness.Dead : soft > epoch ? Liveness.Soft : Liveness.Alive;
    }

    private void LookAtUrl(in ResourceId resource, string target, ref long hard, ref long soft)
    {
        LookBoth(MarkKind.Url, resource.Authority, TargetName.OfTarget(target), ref hard, ref soft);
        if (resource.HasRoute)
        {
            LookBoth(MarkKind.Url, resource.Authority, TargetName.OfTarget(TargetParts.Path(target)), ref hard, ref soft);
        }
    }

    private void LookAtPrefixes(ReadOnlySpan<char> authority, ReadOnlySpan<char> path, ref long hard, ref long soft)
    {
        foreach (var length in _prefixes.Lengths)
        {
            if (length <= path.Length)
            {
                LookBoth(MarkKind.Prefix, authority, path[..length], ref hard, ref soft);
            }
        }

        var depths = _prefixes.Depths;
        for (var i = 0; depths != 0 && i < path.Length; i++)
        {
            if (path[i] == '/')
            {
                if ((depths & 1) != 0)
                {
                    LookBoth(MarkKind.Prefix, authority, path[..(i + 1)], ref hard, ref soft);
                }

                depths >>= 1;
            }
        }
    }

    private void LookBoth(MarkKind kind, ReadOnlySpan<char> authority, ReadOnlySpan<char> text, ref long hard, ref long soft)
    {
        Look(kind, authority, text, ref hard, ref soft);
        Look(kind, "", text, ref hard, ref soft);
    }

    private void Look(MarkKind kind, ReadOnlySpan<char> authority, ReadOnlySpan<char> text, ref long hard, ref long soft)
    {
        var found = _marks.Find(new MarkProbe(kind, authority, text));
        hard = Math.Max(hard, found.Hard);
        soft = Math.Max(soft, found.Soft);
    }
}
