namespace CacheGateway.Diagnostics.Traffic;

/// <summary>
/// The last half hour in slots of five seconds and the last day in slots of five minutes, for one policy. Written by one timer, read by
/// anyone.
/// </summary>
internal sealed class TrafficHistory
{
    public static readonly TimeSpan ShortSlot = TimeSpan.FromSeconds(5);
    public static readonly TimeSpan LongSlot = TimeSpan.FromMinutes(5);

    /// <summary>How far back short slots go.</summary>
    public static readonly TimeSpan ShortReach = ShortSlot * ShortSlots;

    /// <summary>How far back long slots go.</summary>
    public static readonly TimeSpan LongReach = LongSlot * LongSlots;

    /// <summary>The longest that can be compared with as much before it.</summary>
    public static readonly TimeSpan LongestPeriod = LongReach / 2;

    private const int ShortSlots = 360;
    private const int LongSlots = 288;
    private const int ShortPerLong = 60;

    private readonly Lock _gate = new();
    private readonly SparseCounts[] _short = new SparseCounts[ShortSlots];
    private readonly SparseCounts[] _long = new SparseCounts[LongSlots];
    private readonly long[] _gathered = new long[TrafficLayout.Length];
    private TrafficCounts _before = TrafficCounts.None;
    private long _first = -1;
    private long _slot;

    /// <summary>Closes a slot: what was counted since the last one goes into it.</summary>
    /// <param name="total">What was counted in all.</param>
    /// <param name="number">How many were closed before this one, one more each time. It is the same for all policies, so that their long slots end together, whenever each was first seen.</param>
    public void Close(TrafficCounts total, long number)
    {
        lock (_gate)
        {
            var slot = SparseCounts.Of(total.Minus(_before).Values);
            _before = total;
            _short[number % ShortSlots] = slot;
            slot.AddTo(_gathered);
            _slot = number + 1;
            _first = _first < 0 ? number : _first;
            if (_slot % ShortPerLong == 0)
            {
                _long[((_slot / ShortPerLong) - 1) % LongSlots] = SparseCounts.Of(_gathered);
                Array.Clear(_gathered);
            }
        }
    }

    /// <summary>
    /// The sum of the slots that ended in the <paramref name="length"/> before <paramref name="ago"/>, both rounded to slots. Within half an
    /// hour slots are short, beyond they are long.
    /// </summary>
    public TrafficCounts Window(TimeSpan length, TimeSpan ago = default)
    {
        var sum = new long[TrafficLayout.Length];
        AddTo(sum, length, ago, length + ago);
        return Counts(sum);
    }

    /// <summary>The last <paramref name="length"/>, up to <see cref="LongestPeriod"/>, and the one before it, of slots of one kind. Where they are long and there are enough, what has been gathered since the last closed counts for neither.</summary>
    public (TrafficCounts Now, TrafficCounts Before) Periods(TimeSpan length)
    {
        var (now, before) = (new long[TrafficLayout.Length], new long[TrafficLayout.Length]);
        lock (_gate)
        {
            AddTo(now, length, default, 2 * length, isClosed: (_slot / ShortPerLong) - ((_first + ShortPerLong - 1) / ShortPerLong) >= length / LongSlot);
            AddTo(before, length, length, 2 * length);
        }

        return (Counts(now), Counts(before));
    }

    /// <summary>For how long the slot has been gathered that a stretch of long ones has beside its own.</summary>
    public TimeSpan Gathered
    {
        get
        {
            lock (_gate)
            {
                return ShortSlot * (_slot % ShortPerLong);
            }
        }
    }

    private TrafficCounts Counts(long[] values) => new(values) { Before = Volatile.Read(ref _before) };

    /// <summary>As <see cref="Window"/>, added to what is there; stretches of one series meet when they are read with one <paramref name="reach"/>.</summary>
    /// <param name="sum">To be added to.</param>
    /// <param name="length">Of the stretch.</param>
    /// <param name="ago">When it ended.</param>
    /// <param name="reach">How far back the oldest stretch goes that this one shall meet; it says which slots are read.</param>
    /// <param name="isClosed">Whether what is gathered for the next long slot is left out.</param>
    private void AddTo(long[] sum, TimeSpan length, TimeSpan ago, TimeSpan reach, bool isClosed = false)
    {
        lock (_gate)
        {
            var isShort = reach <= ShortReach;
            var (slots, end, unit) = isShort ? (_short, _slot, ShortSlot) : (_long, _slot / ShortPerLong, LongSlot);
            if (!isShort && !isClosed && ago < LongSlot)
            {
                for (var i = 0; i < sum.Length; i++)
                {
                    sum[i] += _gathered[i];
                }
            }

            end -= (long)Math.Round(ago / unit);
            var start = Math.Max(end - Math.Max(1, (long)Math.Round(length / unit)), Math.Max(0, (isShort ? _slot : _slot / ShortPerLong) - slots.Length));
            for (var i = Math.Max(0, start); i < end; i++)
            {
                slots[i % slots.Length].AddTo(sum);
            }
        }
    }

    /// <summary>
    /// The last <paramref name="points"/> stretches of <paramref name="step"/>, oldest first, of some policies together; none has been counted twice or left
    /// out where the step is a multiple of the slots that reach so far.
    /// </summary>
    public static TrafficCounts[] Series(IReadOnlyList<PolicyTraffic> policies, TimeSpan step, int points)
    {
        var series = new TrafficCounts[points];
        var part = new long[TrafficLayout.Length];
        for (var i = 0; i < points; i++)
        {
            series[i] = TrafficCounts.Sum(policies.Select(policy =>
            {
                // Added up before the next is read.
                Array.Clear(part);
                policy.History.AddTo(part, step, step * (points - 1 - i), step * points);
                return policy.History.Counts(part);
            }));
        }

        return series;
    }
}
