using System.Globalization;

namespace CacheGateway.Http;

/// <summary>
/// Texts that hold a number of seconds, kept from one answer to the next: within a second all answers of an age have the same. A table of
/// fixed size in which a newer text takes the place of an older one; entries are immutable, so readers need no lock.
/// </summary>
internal sealed class SecondsText(Func<long, string> write)
{
    private const int Size = 4096;

    private readonly Entry?[] _entries = new Entry?[Size];

    /// <summary>Age (RFC 9111 5.1).</summary>
    public static SecondsText Age { get; } = new(seconds => seconds.ToString(CultureInfo.InvariantCulture));

    public string Of(long seconds)
    {
        ref var place = ref _entries[(int)((ulong)seconds % Size)];
        var entry = Volatile.Read(ref place);
        if (entry is null || entry.Seconds != seconds)
        {
            entry = new Entry(seconds, write(seconds));
            Volatile.Write(ref place, entry);
        }

        return entry.Text;
    }

    private sealed record Entry(long Seconds, string Text);
}
