namespace CacheGateway.Diagnostics.Traffic;

/// <summary>
/// The last half hour in slots of five seconds and the last day in slots of five minutes, for one policy. Written by one timer, read by
/// anyone.
/// </summary>
internal sealed class TrafficHistory
{
    public static readonly TimeSpan ShortSlot = TimeSpan.FromSeconds(5);
    public static readonly TimeSpan LongSlot = TimeSpan.FromMinutes(5);

    private const int ShortSlots = 360;
    private const int LongSlots = 288;
    private const int ShortPerLong = 60;

    private readonly Lock _gate = new();
    private readonly SparseCounts[] _short = new SparseCounts[ShortSlots];
    private readonly SparseCounts[] _long = new SparseCounts[LongSlots];
    private readonly long[] _gathered = new long[TrafficLayout.Length];
    private TrafficCounts _before = TrafficCounts.None;
    private long _slot;

    /// <summary>Closes a slot: what was counted since the last one goes into it.</summary>
    public void Close(TrafficCounts total)
    {
        lock (_gate)
        {
            var slot = SparseCounts.Of(total.Minus(_before).Values);
            _before = total;
            _short[_slot % ShortSlots] = slot;
            slot.AddTo(_gathered);
            _slot++;
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
        lock (_gate)
        {
            var isShort = length + ago <= ShortSlot * ShortSlots;
            var (slots, end, unit) = isShort ? (_short, _slot, ShortSlot) : (_long, _slot / ShortPerLong, LongSlot);
            if (!isShort && ago < LongSlot)
            {
                foreach (var (value, i) in _gathered.Select((value, i) => (value, i)))
                {
                    sum[i] += value;
                }
            }

            end -= (long)Math.Round(ago / unit);
            var start = Math.Max(end - Math.Max(1, (long)Math.Round(length / unit)), Math.Max(0, (isShort ? _slot : _slot / ShortPerLong) - slots.Length));
            for (var i = Math.Max(0, start); i < end; i++)
            {
                slots[i % slots.Length].AddTo(sum);
            }
        }

        return new TrafficCounts(sum);
    }

    /// <summary>The last <paramref name="points"/> stretches of <paramref name="step"/>, oldest first; one that is older than this process is empty.</summary>
    public IReadOnlyList<TrafficCounts> Series(TimeSpan step, int points)
    {
        var series = new TrafficCounts[points];
        for (var i = 0; i < points; i++)
        {
            series[i] = Window(step, step * (points - 1 - i));
        }

        return series;
    }
}
