namespace CacheGateway.Model;

/// <summary>
/// How many of the last calls failed: the verdict of a circuit breaker while it is closed, without its locks on the way of every call. The window slides by a tenth of itself. Counts of calls
/// that end in the very moment in which a tenth begins may be lost; nothing hangs on one.
/// </summary>
/// <param name="ratio">Share of failures from which on it is too many.</param>
/// <param name="least">Fewer calls in the window say nothing.</param>
/// <param name="window">How far back calls count.</param>
/// <param name="time">The clock; its date plays no part.</param>
internal sealed class FailureShare(double ratio, int least, TimeSpan window, TimeProvider time)
{
    private const int Parts = 10;

    private readonly Lock _gate = new();
    private readonly Part[] _parts = [.. Enumerable.Range(0, Parts).Select(_ => new Part())];
    private readonly long _length = Math.Max(1, (long)(window.TotalSeconds * time.TimestampFrequency / Parts));

    public void Succeeded() => Interlocked.Increment(ref Current(out _).Succeeded);

    /// <summary>Whether that was too many.</summary>
    public bool Failed()
    {
        Interlocked.Increment(ref Current(out var number).Failed);
        long failed = 0;
        long all = 0;
        foreach (var part in _parts)
        {
            if (Volatile.Read(ref part.Number) > number - Parts)
            {
                failed += Volatile.Read(ref part.Failed);
                all += Volatile.Read(ref part.Failed) + Volatile.Read(ref part.Succeeded);
            }
        }

        return all >= least && failed >= ratio * all;
    }

    /// <summary>What was counted says nothing of what comes.</summary>
    public void Forget()
    {
        lock (_gate)
        {
            foreach (var part in _parts)
            {
                part.Begin(0);
            }
        }
    }

    private Part Current(out long number)
    {
        // From one on: a part that never was has none.
        number = (time.GetTimestamp() / _length) + 1;
        var part = _parts[number % Parts];
        if (Volatile.Read(ref part.Number) != number)
        {
            lock (_gate)
            {
                if (part.Number < number)
                {
                    part.Begin(number);
                }
            }
        }

        return part;
    }

    private sealed class Part
    {
        public long Number;
        public long Succeeded;
        public long Failed;

        public void Begin(long number)
        {
            Volatile.Write(ref Succeeded, 0);
            Volatile.Write(ref Failed, 0);
            Volatile.Write(ref Number, number);
        }
    }
}
