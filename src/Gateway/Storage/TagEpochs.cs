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
/// <para>
/// <b>Incarnations.</b> Epochs count within one incarnation. A new one (<see cref="Begin"/>) brings an empty table of marks and a reader that
/// took the old table before sees the old incarnation with it: the pair is one reference.
/// </para>
/// </summary>
internal sealed class TagEpochs
{
    private static long _lastStamp;

    private readonly Lock _gate = new();
    private readonly TimeProvider _time;
    private readonly int _maxMarks;
    private readonly int _slots;
    private EpochMarks _marks;
    private long _stamp = Interlocked.Increment(ref _lastStamp);
    private long _provenAt = long.MaxValue;
    private bool _hasUntold;

    /// <param name="time">Wall clock for epochs, monotonic clock for the time without proof.</param>
    /// <param name="maxMarks">Marks kept by name; the oldest beyond are folded.</param>
    /// <param name="slots">Slots to fold into.</param>
    public TagEpochs(TimeProvider time, int maxMarks = 200_000, int slots = 65_536)
    {
        ArgumentNullException.ThrowIfNull(time);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(maxMarks);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(slots);
        _time = time;
        _maxMarks = maxMarks;
        _slots = slots;
        _marks = new EpochMarks(0, maxMarks, slots);
    }

    /// <summary>What a fill takes before it asks the origin, and a request when it arrives.</summary>
    public FillEpoch Now
    {
        get
        {
            // The stamp first: who reads it reads the marks that came with it.
            var stamp = Volatile.Read(ref _stamp);
            var marks = Volatile.Read(ref _marks);
            return new FillEpoch(marks.Incarnation, marks.Applied) { Stamp = stamp };
        }
    }

    /// <summary>The highest epoch up to which everything was applied on this node.</summary>
    public long Applied => Volatile.Read(ref _marks).Applied;

    /// <summary><see cref="ProvenAt"/> of who was never told anything yet.</summary>
    public const long Never = long.MinValue / 2;

    /// <summary>
    /// When (monotonic milliseconds) it was last proven that nothing raised before is missing here: the moment the last answered and fully
    /// applied sync was sent. Without a bus nothing can be missing, and this is always "later than now".
    /// </summary>
    public long ProvenAt
    {
        get => Volatile.Read(ref _provenAt);
        set => Volatile.Write(ref _provenAt, value);
    }

    /// <summary>
    /// Whether something was raised on this node alone, which the others do not know of yet: its epoch has no place among theirs, and what they stored
    /// meanwhile may be older than it although its number is higher.
    /// </summary>
    public bool HasUntold
    {
        get => Volatile.Read(ref _hasUntold);
        // A whole fence: what came in before is seen by whoever raises, or the flag by whoever takes in.
        set => Interlocked.Exchange(ref _hasUntold, value);
    }

    /// <summary>The highest epoch of a response that came from another node: <see cref="Applied"/> may be behind it.</summary>
    public long Furthest => Volatile.Read(ref _marks).Furthest;

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

    /// <summary>Longest time without proof that stored responses are served all the same; past it this node is blind.</summary>
    public TimeSpan MaxBlind { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>Whether stored responses may be served without asking the origin.</summary>
    /// <param name="monotonic">Now, in monotonic milliseconds.</param>
    public bool IsTrusted(long monotonic) => monotonic - ProvenAt <= MaxBlind.TotalMilliseconds;

    /// <summary>As <see cref="IsTrusted(long)"/>, for what may be served for <paramref name="atMost"/> without proof, where that is less.</summary>
    public bool IsTrusted(long monotonic, TimeSpan? atMost) =>
        IsTrusted(monotonic) && (atMost is not { } limit || monotonic - ProvenAt <= limit.TotalMilliseconds);

    /// <summary>As <see cref="IsTrusted(long, TimeSpan?)"/>, at this moment.</summary>
    public bool IsTrustedFor(CachePolicy policy) => IsTrusted(Instant.MonotonicNow(_time), policy.MaxBlind);

    /// <summary>As <see cref="IsTrusted(long)"/>, at this moment.</summary>
    public bool IsTrustedNow => IsTrusted(Instant.MonotonicNow(_time));

    /// <summary>Everything stored or under way is dead from now on: the counter starts another life.</summary>
    /// <param name="incarnation">Never used before by anyone.</param>
    /// <param name="floor">Nothing older than this is alive in the new incarnation either.</param>
    /// <param name="applied">What is known as applied already.</param>
    public void Begin(long incarnation, long floor, long applied)
    {
        lock (_gate)
        {
            var marks = new EpochMarks(incarnation, _maxMarks, _slots) { Applied = applied };
            marks.Raise(floor, new InvalidationScope { All = true }, []);
            Volatile.Write(ref _marks, marks);
            Volatile.Write(ref _stamp, Interlocked.Increment(ref _lastStamp));
        }
    }

    /// <summary>Gives the next epoch, unix microseconds but always above the last one, and applies it.</summary>
    public long Raise(InvalidationScope scope)
    {
        var names = Names(scope);
        lock (_gate)
        {
            var clock = (_time.GetUtcNow().UtcTicks - DateTimeOffset.UnixEpoch.UtcTicks) / TimeSpan.TicksPerMicrosecond;
            var epoch = Math.Max(checked(_marks.Applied + 1), clock);
            MarkLocked(epoch, scope, names);
            _marks.Applied = epoch;
            return epoch;
        }
    }

    /// <summary>Gives the next epoch below <paramref name="limit"/> and applies it; null when there is none left.</summary>
    public long? RaiseBelow(long limit, InvalidationScope scope)
    {
        var names = Names(scope);
        lock (_gate)
        {
            var epoch = _marks.Applied + 1;
            if (epoch >= limit)
            {
                return null;
            }

            MarkLocked(epoch, scope, names);
            _marks.Applied = epoch;
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
            MarkLocked(epoch, scope, names);
            _marks.Applied = Math.Max(_marks.Applied, epoch);
        }
    }

    /// <summary>As <see cref="Apply"/>, but says nothing of what was raised before that epoch: there may be gaps.</summary>
    public void Mark(long epoch, InvalidationScope scope)
    {
        var names = Names(scope);
        lock (_gate)
        {
            MarkLocked(epoch, scope, names);
        }
    }

    /// <summary>As <see cref="Mark(long, InvalidationScope)"/> for each of many, in one go: readers see the first of them before the last.</summary>
    public void Mark(IPastRaises raises)
    {
        ArgumentNullException.ThrowIfNull(raises);
        lock (_gate)
        {
            var changed = false;
            while (raises.TryTake(out var raise))
            {
                changed |= raise.Scope is { } scope
                    ? _marks.Raise(raise.Epoch, scope, Names(scope))
                    : _marks.Raise(raise.Epoch, raise.Name, raise.Soft);
            }

            if (changed)
            {
                Changed();
            }
        }
    }

    /// <summary>Everything up to <paramref name="epoch"/> is applied.</summary>
    public void Advance(long epoch)
    {
        lock (_gate)
        {
            _marks.Applied = Math.Max(_marks.Applied, epoch);
        }
    }

    /// <summary>Whether a response that another node stored, of this epoch, can be compared with what was raised here.</summary>
    public bool Admits(long epoch)
    {
        // Whoever writes it down does so by an exchange, a whole fence; whoever finds it written needs none.
        Volatile.Read(ref _marks).Saw(epoch);
        return !HasUntold;
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

        var liveness = Check(new FillEpoch(response.Incarnation, response.Epoch), response.Resource, response.Tags);
        if (liveness == Liveness.Alive)
        {
            response.AliveAt = stamp;
        }

        return liveness;
    }

    /// <summary>What the invalidations after <paramref name="epoch"/> leave of a response with these names.</summary>
    public Liveness Check(FillEpoch epoch, in ResourceId resource, IReadOnlyList<string> tags)
    {
        ArgumentNullException.ThrowIfNull(tags);
        var marks = Volatile.Read(ref _marks);
        return epoch.Incarnation == marks.Incarnation ? marks.Check(epoch.Value, resource, tags) : Liveness.Dead;
    }

    private static MarkName[] Names(InvalidationScope scope)
    {
        ArgumentNullException.ThrowIfNull(scope);
        return
        [
            .. scope.Tags.Select(tag => new MarkName(MarkKind.Tag, "", tag)), .. scope.Policies.Select(policy => new MarkName(MarkKind.Policy, "", policy)),
            .. scope.Urls.Select(url => NameOf(MarkKind.Url, url, TargetName.TryParseUrl(url, out var name) ? name : null)),
            .. scope.Prefixes.Select(prefix => NameOf(MarkKind.Prefix, prefix, TargetName.TryParse(prefix, out var name) ? name : null)),
        ];
    }

    private static MarkName NameOf(MarkKind kind, string text, TargetName? parsed) => parsed is { } name
        ? new MarkName(kind, name.Authority, name.Target)
        : throw new ArgumentException($"\"{text}\" is neither absolute nor starts with \"/\".", nameof(text));

    private void MarkLocked(long epoch, InvalidationScope scope, MarkName[] names)
    {
        if (_marks.Raise(epoch, scope, names))
        {
            Changed();
        }
    }

    /// <summary>Marks were written: what was found alive before is looked at again.</summary>
    private void Changed()
    {
        _marks.Trim();
        Volatile.Write(ref _stamp, Interlocked.Increment(ref _lastStamp));
    }
}
