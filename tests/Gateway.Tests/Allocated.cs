namespace CacheGateway.Tests;

/// <summary>What code allocates on the thread that runs it.</summary>
internal static class Allocated
{
    /// <summary>
    /// The least of ten rounds. What the code allocates is there each time; what the runtime does on this thread when it compiles a method anew (its table of statics grows by 16 KB) is not.
    /// </summary>
    public static long Least(Action round)
    {
        var least = long.MaxValue;
        for (var i = 0; i < 10 && least > 0; i++)
        {
            var before = GC.GetAllocatedBytesForCurrentThread();
            round();
            least = Math.Min(least, GC.GetAllocatedBytesForCurrentThread() - before);
        }

        return least;
    }
}
