namespace CacheGateway.Cli.Demo;

/// <summary>
/// Two writers at once. One makes every regular change at its own pace, the other fills up with changes of the kinds that have none until
/// the share of writes is reached.
/// </summary>
internal sealed class DemoWriters(IReadOnlyList<DemoWriteKind> kinds, DemoClient client, TrafficLog log)
{
    /// <summary>A little more than the one in a hundred that is promised.</summary>
    public const double Share = 0.0105;

    /// <summary>Between two looks at how many writes are due for the reads that were made.</summary>
    private static readonly TimeSpan Pace = TimeSpan.FromMilliseconds(20);

    public Task RunAsync(TimeSpan duration, CancellationToken stop, CancellationToken cancellation) =>
        Task.WhenAll(KeepPaceAsync(duration, stop, cancellation), FillUpAsync(stop, cancellation));

    /// <summary>
    /// When a change comes for the first time: spread over the first interval, but early enough that even a short run sees each of them, and
    /// what its readers find after it.
    /// </summary>
    public static TimeSpan FirstAt(int index, int count, TimeSpan every, TimeSpan duration) =>
        (every < duration / 2 ? every : duration / 2) * ((index + 1.0) / (count + 1));

    private async Task KeepPaceAsync(TimeSpan duration, CancellationToken stop, CancellationToken cancellation)
    {
        var dice = new Dice(1001);
        var regular = kinds.Where(kind => kind.Every is not null).ToArray();
        var next = regular.Select((kind, index) => FirstAt(index, regular.Length, kind.Every!.Value, duration)).ToArray();
        var start = TimeProvider.System.GetTimestamp();
        while (!stop.IsCancellationRequested)
        {
            for (var i = 0; i < regular.Length; i++)
            {
                if (next[i] <= TimeProvider.System.GetElapsedTime(start))
                {
                    next[i] += regular[i].Every!.Value;
                    await client.WriteAsync(regular[i].Next(dice), cancellation);
                }
            }

            await Task.Delay(Pace, cancellation);
        }
    }

    private async Task FillUpAsync(CancellationToken stop, CancellationToken cancellation)
    {
        var dice = new Dice(1002);
        var filling = kinds.Where(kind => kind.Every is null).ToArray();
        while (!stop.IsCancellationRequested)
        {
            if (log.Writes < Share * log.Reads)
            {
                await client.WriteAsync(dice.Of(filling).Next(dice), cancellation);
            }
            else
            {
                await Task.Delay(Pace, cancellation);
            }
        }
    }
}
