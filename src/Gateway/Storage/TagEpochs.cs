using CacheGateway.Model;

namespace CacheGateway.Storage;

/// <summary>
/// The epoch fence: which invalidations this node has applied, and which responses they leave alive. An invalidation writes one mark per
/// name it gives
/// and searches nothing; a response is dead when a mark above its epoch names it. Made once per gateway; lives as long as the process.
/// Reads take no lock; <see cref="Raise"/> and <see cref="Apply"/> take one short lock.
/// <para>
/// <b>Order of memory.</b> A writer, under the lock, first writes the marks, then a new stamp, then <see cref="Applied"/>, each with
/// release.
/// A reader reads the stamp first (acquire), then the marks, and remembers the response as alive under the stamp it read <i>before</i> the
/// marks.
/// So (1) whoever reads an Applied of e or more sees the marks of e and the stamp that came with them; (2) a response is remembered under
/// a stamp only by
/// a reader that saw every mark of that stamp; a raise that came between gave a newer stamp, which does not equal the remembered one, and
/// the marks
/// are read again. Two readers may write the memory in the wrong order; the older stamp merely costs another look.
/// </para>
/// <para>
/// The memory (<see cref="StoredResponse.AliveAt"/>) holds a stamp and not an epoch because marks may be applied in any order: a mark below
/// <see cref="Applied"/> that comes late must be looked at too. Stamps are unique in the process, so that two fences never trust each
/// other's.
/// </para>
/// </summary>
internal sealed class TagEpochs
{
    private static long _lastStamp;

    private readonly Lock _gate = new();
    private readonly TimeProvider _time;
    private readonly TimeSpan? _longestLife;
    private readonly MarkTable _marks;
    private readonly PrefixShapes _prefixes = new();
    private long _stamp = Interlocked.Increment(ref _lastStamp);
    private long _applied;
    private long _all = long.MinValue;
    private long _allSoft = long.MinValue;

    /// <param name="time">Wall clock for epochs, monotonic clock for the age of marks.</param>
    /// <param name="maxMarks">Marks kept by name; the oldest beyond are folded.</param>
    /// <param name="slots">Slots to fold into.</param>
    /// <param name="longestLife">The longest time a response can be kept, stale times included: marks older than that have nothing left to
    /// kill. Null = never dropped.</param>
    public TagEpochs(TimeProvider time, int maxMarks = 200_000, int slots = 65_536, TimeSpan? longestLife = null)
    {
        ArgumentNullException.ThrowIfNull(time);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(maxMarks);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(slots);
        _time = time;
        _longestLife = longestLife;
        _marks = new MarkTable(maxMarks, slots);
    }

    /// <summary>The highest epoch applied on this node. A fill takes it before it asks the origin.</summary>
    public long Applied => Volatile.Read(ref _applied);

    /// <summary>Every response with this epoch or an older one is dead: one below the last hard invalidation of everything.</summary>
    public long Floor
    {
        get
        {
            var all = Volatile.Read(ref _all);
            return all == long.MinValue ? all : all - 1;
        }
    }

    /// <summary>Marks kept by name; those folded are not among them.</summary>
    public int Marks
    {
        get
        {
            lock (_gate)
            {
                return _marks.Count;
            }
        }
    }

    /// <summary>Gives the next epoch, unix microseconds but always above the last one, and applies it.</summary>
    public long Raise(InvalidationScope scope)
    {
        var names = Names(scope);
        lock (_gate)
        {
            var clock = (_time.GetUtcNow().UtcTicks - DateTimeOffset.UnixEpoch.UtcTicks) / TimeSpan.TicksPerMicrosecond;
            var epoch = Math.Max(checked(_applied + 1), clock);
            ApplyLocked(epoch, scope, names);
            return epoch;
        }
    }

    /// <summary>Applies an invalidation that has its epoch already. Again or in another order makes no difference.</summary>
    /// <exception cref="ArgumentException">A URL or prefix is neither absolute nor starts with "/": the door it came through should have
    /// refused it.</exception>
    public void Apply(long epoch, InvalidationScope scope)
    {
        var names = Names(scope);
        lock (_gate)
        {
            ApplyLocked(epoch, scope, names);
        }
    }

    /// <summary>
    /// Whether no hard invalidation since its epoch named the response. One comparison while nothing was raised since the last look.
    /// </summary>
    public bool IsAlive(StoredResponse response) => Check(response) != Liveness.Dead;

    /// <summary>As <see cref="IsAlive(StoredResponse)"/>, and tells soft invalidations apart.</summary>
    public Liveness Check(StoredResponse response)
    {
        ArgumentNullException.ThrowIfNull(response);
        var stamp = Volatile.Read(ref _stamp);
        if (response.AliveAt == stamp)
        {
            return Liveness.Alive;
        }

        var liveness = Check(response.Epoch, response.Resource, response.Tags);
        if (liveness == Liveness.Alive)
        {
            response.AliveAt = stamp;
        }

        return liveness;
    }

    /// <summary>
    /// For a fill that is not stored yet: whether no hard invalidation after <paramref name="epoch"/> named what it fetches.
    /// </summary>
    public bool IsAlive(long epoch, ResourceId resource, IReadOnlyList<string> tags) => Check(epoch, resource, tags) != Liveness.Dead;

    /// <summary>What the invalidations after <paramref name="epoch"/> leave of a response with these names.</summary>
    public Liveness Check(long epoch, ResourceId resource, IReadOnlyList<string> tags)
    {
        ArgumentNullException.ThrowIfNull(resource);
        ArgumentNullException.ThrowIfNull(tags);
        var hard = Volatile.Read(ref _all);
        var soft = Volatile.Read(ref _allSoft);
        for (var i = 0; i < tags.Count; i++)
        {
            Look(MarkKind.Tag, "", tags[i], ref hard, ref soft);
        }

        Look(MarkKind.Policy, "", resource.Policy, ref hard, ref soft);
        LookBoth(MarkKind.Url, resource.Authority, resource.Target, ref hard, ref soft);
        if (resource.Route is { } route)
        {
            LookBoth(MarkKind.Url, resource.Authority, route, ref hard, ref soft);
        }

        LookAtPrefixes(resource, ref hard, ref soft);
        return hard > epoch ? Liveness.Dead : soft > epoch ? Liveness.Soft : Liveness.Alive;
    }

    private static List<MarkName> Names(InvalidationScope scope)
    {
        ArgumentNullException.ThrowIfNull(scope);
        var names = new List<MarkName>(scope.Tags.Length + scope.Policies.Length + scope.Urls.Length + scope.Prefixes.Length);
        names.AddRange(scope.Tags.Select(tag => new MarkName(MarkKind.Tag, "", tag)));
        names.AddRange(scope.Policies.Select(policy => new MarkName(MarkKind.Policy, "", policy)));
        names.AddRange(scope.Urls.Select(url => NameOf(MarkKind.Url, url)));
        names.AddRange(scope.Prefixes.Select(prefix => NameOf(MarkKind.Prefix, prefix)));
        return names;
    }

    private static MarkName NameOf(MarkKind kind, string text) => TargetName.TryParse(text, out var name)
        ? new MarkName(kind, name.Authority, name.Target)
        : throw new ArgumentException($"\"{text}\" is neither absolute nor starts with \"/\".", nameof(text));

    private void ApplyLocked(long epoch, InvalidationScope scope, List<MarkName> names)
    {
        var now = _time.GetTimestamp();
        var changed = false;
        if (scope.All)
        {
            ref var all = ref scope.Soft ? ref _allSoft : ref _all;
            changed = epoch > all;
            Volatile.Write(ref all, Math.Max(all, epoch));
        }

        foreach (var name in names)
        {
            var marked = name.Kind == MarkKind.Prefix ? name with { Text = _prefixes.Register(name.Text) } : name;
            changed |= _marks.Raise(marked, epoch, scope.Soft, now);
        }

        if (changed)
        {
            _marks.Trim(_longestLife is { } life ? now - (long)(life.TotalSeconds * _time.TimestampFrequency) : long.MinValue);
            Volatile.Write(ref _stamp, Interlocked.Increment(ref _lastStamp));
        }

        Volatile.Write(ref _applied, Math.Max(_applied, epoch));
    }

    private void LookAtPrefixes(ResourceId resource, ref long hard, ref long soft)
    {
        var path = resource.Path;
        foreach (var length in _prefixes.Lengths)
        {
            if (length <= path.Length)
            {
                LookBoth(MarkKind.Prefix, resource.Authority, path[..length], ref hard, ref soft);
            }
        }

        var depths = _prefixes.Depths;
        for (var i = 0; depths != 0 && i < path.Length; i++)
        {
            if (path[i] == '/')
            {
                if ((depths & 1) != 0)
                {
                    LookBoth(MarkKind.Prefix, resource.Authority, path[..(i + 1)], ref hard, ref soft);
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
