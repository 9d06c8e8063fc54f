namespace CacheGateway.Cli.Demo;

/// <summary>The mixed traffic: first every address once, then readers and writers for the duration.</summary>
internal sealed class DemoTraffic(IReadOnlyList<DemoSystem> systems, DemoClient client, TrafficLog log)
{
    private const int AtOnce = 32;

    /// <summary>Hits of the first moments are counted, but not timed: they show how long a program takes to get going.</summary>
    private static readonly TimeSpan Untimed = TimeSpan.FromSeconds(2);

    public int Addresses => systems.Sum(system => system.Endpoints.Sum(endpoint => endpoint.Reads.Count));

    /// <summary>Every address once, the slow ones first so that they do not come last: a cold cache's misses, which count like all others.</summary>
    public Task WarmUpAsync(CancellationToken cancellation) => Parallel.ForEachAsync(
        systems.Reverse().SelectMany(system => system.Endpoints).SelectMany(endpoint => endpoint.Reads.Select(read => (endpoint, read))),
        new ParallelOptions { MaxDegreeOfParallelism = AtOnce, CancellationToken = cancellation },
        async (one, token) => await client.ReadAsync(one.endpoint, one.read, isTimed: false, token));

    public async Task RunAsync(TimeSpan duration, CancellationToken cancellation)
    {
        var start = TimeProvider.System.GetTimestamp();
        using var stop = new CancellationTokenSource(duration);
        var writers = new DemoWriters([.. systems.SelectMany(system => system.Writes)], client, log);
        await Task.WhenAll(
        [
            .. systems.Select(system => new SystemReaders(system, client)
                .RunAsync(() => TimeProvider.System.GetElapsedTime(start) > Untimed, stop.Token, cancellation)),
            writers.RunAsync(duration, stop.Token, cancellation),
        ]);
    }
}
