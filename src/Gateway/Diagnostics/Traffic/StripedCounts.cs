namespace CacheGateway.Diagnostics.Traffic;

/// <summary>Counters in as many copies as there are processors (eight at most), so that counting on one does not slow the others down.</summary>
internal sealed class StripedCounts
{
    private static readonly int Stripes = (int)System.Numerics.BitOperations.RoundUpToPowerOf2((uint)Math.Clamp(Environment.ProcessorCount, 1, 8));

    private readonly long[][] _stripes;

    public StripedCounts(int length)
    {
        _stripes = new long[Stripes][];
        for (var i = 0; i < Stripes; i++)
        {
            _stripes[i] = new long[length];
        }
    }

    /// <summary>The copy for the processor this runs on; to be changed with <see cref="Interlocked"/> only.</summary>
    public long[] Here => _stripes[Thread.GetCurrentProcessorId() & (Stripes - 1)];

    public void Add(int index, long value) => Interlocked.Add(ref Here[index], value);

    /// <summary>The sum of all copies; what is counted meanwhile may be in it or not.</summary>
    public long[] Sum()
    {
        var sum = new long[_stripes[0].Length];
        foreach (var stripe in _stripes)
        {
            for (var i = 0; i < sum.Length; i++)
            {
                sum[i] += Volatile.Read(ref stripe[i]);
            }
        }

        return sum;
    }
}
