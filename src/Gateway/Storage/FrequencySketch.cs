namespace CacheGateway.Storage;

/// <summary>
/// How often keys that are not in memory were asked for of late: a count-min sketch of four-bit counters with periodic halving
/// (Einziger, Friedman and Manes, "TinyLFU: A Highly Efficient Cache Admission Policy", ACM ToS 2017), four counters a key within one
/// cache line, updated conservatively (only the counters below the new value rise). It holds no key, only counters picked by a randomised
/// hash.
/// Owned by one <see cref="MemoryTier"/>, used under its lock; its size is fixed by the byte budget.
/// </summary>
internal sealed class FrequencySketch(long budgetBytes)
{
    /// <summary>
    /// Sixteen counters for half a small entry: with half as many, a loop four times the cache loses two to four points of hit ratio to
    /// collisions.
    /// </summary>
    private const int BytesPerWord = 512;
    private const int Rows = 4;
    private const int WordsPerBlock = 8;

    private readonly ulong[] _words =
        new ulong[(int)Math.Clamp(budgetBytes / BytesPerWord, 64, 1 << 26) / WordsPerBlock * WordsPerBlock];

    /// <summary>Words that <see cref="Halve"/> walks.</summary>
    public int Words => _words.Length;

    /// <summary>The least of the key's counters: never below the true (aged) count up to 15.</summary>
    public int Estimate(int hash)
    {
        var spread = Spread(hash);
        var least = MemoryNode.MaxFrequency;
        for (var row = 0; row < Rows; row++)
        {
            var (word, shift) = Counter(spread, row);
            least = Math.Min(least, (int)(_words[word] >> shift) & 15);
        }

        return least;
    }

    /// <summary>Lifts each of the key's counters to at least <paramref name="frequency"/>.</summary>
    public void Raise(int hash, int frequency)
    {
        var spread = Spread(hash);
        for (var row = 0; row < Rows; row++)
        {
            var (word, shift) = Counter(spread, row);
            if (((int)(_words[word] >> shift) & 15) < frequency)
            {
                _words[word] = (_words[word] & ~(15UL << shift)) | ((ulong)frequency << shift);
            }
        }
    }

    /// <summary>Ages: what was popular and is no more gives way.</summary>
    public void Halve()
    {
        for (var i = 0; i < _words.Length; i++)
        {
            _words[i] = (_words[i] >> 1) & 0x7777_7777_7777_7777;
        }
    }

    /// <summary>Two of the block's eight words belong to each row; one bit picks the word, four the counter in it.</summary>
    private (int Word, int Shift) Counter(ulong spread, int row)
    {
        var block = (int)(((spread >> 32) * (ulong)(_words.Length / WordsPerBlock)) >> 32);
        var bits = (int)(spread >> (row * 5));
        return ((block * WordsPerBlock) + (row * 2) + (bits & 1), ((bits >> 1) & 15) * 4);
    }

    private static ulong Spread(int hash)
    {
        var mixed = (uint)hash * 0x9E37_79B9_7F4A_7C15UL;
        mixed = (mixed ^ (mixed >> 32)) * 0xD6E8_FEB8_6659_FD93UL;
        return mixed ^ (mixed >> 32);
    }
}
