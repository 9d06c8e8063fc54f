using System.Globalization;

namespace CacheGateway.Soak;

/// <summary>One run: starts everything, lets traffic, invalidations and faults go on for the time, calms down, and says what was seen.</summary>
internal static class SoakRun
{
    private const int Readers = 12;
    private const int Invalidators = 3;

    public static async Task<int> RunAsync(SoakOptions options, CancellationToken cancellation)
    {
        Console.WriteLine($"soak: {options.Time.TotalSeconds:0} s, seed {options.Seed}, {options.Gateways} gateways, {options.Rate} requests a second");
        var resources = new Resources(new Random(options.Seed));
        var policies = Path.GetTempFileName();
        await File.WriteAllTextAsync(policies, Resources.Policies, CancellationToken.None);
        await using var origin = await SoakOrigin.StartAsync(resources, options.Seed);
        await using var redis = await SoakRedis.StartAsync();
        var gateways = Enumerable.Range(0, options.Gateways).Select(number => new SoakGateway(number, origin.Address, policies, redis.Port)).ToArray();
        try
        {
            await Task.WhenAll(gateways.Select(gateway => gateway.StartAsync()));
            var world = new SoakWorld(options, resources, origin, redis, gateways);
            var nemesis = new Nemesis(world);
            var samples = new Samples();
            var began = Clock.Now;
            await GoOnAsync(world, nemesis, samples, began, cancellation);
            return SoakReport.Write(world, nemesis, samples, Clock.Now - began);
        }
        finally
        {
            foreach (var gateway in gateways)
            {
                await gateway.DisposeAsync();
            }

            File.Delete(policies);
        }
    }

    private static async Task GoOnAsync(SoakWorld world, Nemesis nemesis, Samples samples, TimeSpan began, CancellationToken cancellation)
    {
        var options = world.Options;
        // The end is calm: what was disturbed has a tenth of the time to come back.
        using var faults = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        using var traffic = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        faults.CancelAfter(options.Time * 0.8);
        traffic.CancelAfter(options.Time);
        Task[] all =
        [
            nemesis.RunAsync(faults.Token),
            .. Enumerable.Range(0, Readers).Select(number => ReadAsync(world, number, traffic.Token)),
            .. Enumerable.Range(0, Invalidators).Select(number => new Invalidations(world, number, Invalidators).RunAsync(traffic.Token)),
            WatchAsync(world, nemesis, samples, began, traffic.Token),
        ];
        await Task.WhenAll(all);
    }

    private static async Task ReadAsync(SoakWorld world, int number, CancellationToken cancellation)
    {
        var reader = new Reader(world, number);
        var pause = TimeSpan.FromSeconds((double)Readers / world.Options.Rate);
        var next = Clock.Now;
        while (!cancellation.IsCancellationRequested)
        {
            await reader.AskAsync();
            next += pause;
            if (next > Clock.Now)
            {
                await Task.Delay(next - Clock.Now, CancellationToken.None);
            }
            else
            {
                next = Clock.Now;
            }
        }
    }

    private static async Task WatchAsync(SoakWorld world, Nemesis nemesis, Samples samples, TimeSpan began, CancellationToken cancellation)
    {
        for (var second = 1; !cancellation.IsCancellationRequested; second++)
        {
            if (world.Gateways[0].Measure() is var (memory, files))
            {
                samples.Add(memory, files);
            }

            if (second % 5 == 0)
            {
                Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
                    $"[{(Clock.Now - began).TotalSeconds,5:0} s] {world.History["answers"],8} answers, {world.History["hits"],8} hits, {world.Origin.Requests,7} at the origin, {world.History["invalidations acknowledged by all"],5} invalidations, {samples.MemoryMegabytes,4:0} MB, {History.Violations.Sum(violation => world.History[violation])} wrong; {nemesis.Current}"));
            }

            await Task.Delay(TimeSpan.FromSeconds(1), CancellationToken.None);
        }
    }
}
