namespace CacheGateway.Soak;

/// <summary>Makes one fault after another, chosen by the seed, each undone before the next; and proves of each that it acted.</summary>
internal sealed class Nemesis(SoakWorld world)
{
    private readonly Random _random = new(HashCode.Combine(world.Options.Seed, "nemesis"));
    private readonly Dictionary<string, (int Made, int Acted)> _log = [];

    /// <summary>What it does now, for the progress line.</summary>
    public string Current { get; private set; } = "calm";

    public IReadOnlyDictionary<string, (int Made, int Acted)> Log => _log;

    public async Task RunAsync(CancellationToken cancellation)
    {
        var faults = Faults();
        // A deck instead of dice: in a short run as many different ones as there is time for.
        var deck = new Queue<(string Name, Func<Task<bool>> Make)>();
        while (!cancellation.IsCancellationRequested)
        {
            if (deck.Count == 0)
            {
                _random.Shuffle(faults);
                deck = new(faults);
            }

            var (name, make) = deck.Dequeue();
            Current = name;
            var acted = await make();
            var (made, before) = _log.GetValueOrDefault(name);
            _log[name] = (made + 1, before + (acted ? 1 : 0));
            Current = "calm";
            await Task.Delay(_random.Next(500, 2500), CancellationToken.None);
        }
    }

    private (string Name, Func<Task<bool>> Make)[] Faults() =>
    [
        ("Redis killed, restarted empty", () => KillRedisAsync(empty: true)),
        ("Redis killed, restarted with an old snapshot", OldSnapshotAsync),
        ("Redis stopped (SIGSTOP)", StopRedisAsync),
        ("Redis full (maxmemory, noeviction)", FullRedisAsync),
        ("Redis slow", SlowRedisAsync),
        ("subscriptions killed", () => world.Redis.TryAsync("CLIENT KILL TYPE pubsub")),
        ("a gateway cut off from Redis", CutOffAsync),
        ("a gateway's Redis connections reset", ResetAsync),
        ("garbage from Redis", GarbageAsync),
        ("a reply of Redis swallowed", SwallowAsync),
        ("a gateway stopped (SIGSTOP)", StopGatewayAsync),
        ("a gateway killed (SIGKILL)", KillGatewayAsync),
        ("a gateway told to end (SIGTERM)", EndGatewayAsync),
        ("the origin fails (cuts, resets, 503, stalls)", FailOriginAsync),
        ("the origin slow", SlowOriginAsync),
    ];

    private Task Seconds(int least, int most) => Task.Delay(TimeSpan.FromMilliseconds(_random.Next(least * 1000, most * 1000)));

    private SoakGateway AnyGateway() => world.Gateways[_random.Next(world.Gateways.Count)];

    /// <summary>The first one lives through the whole run: its memory tells.</summary>
    private SoakGateway MortalGateway() => world.Gateways[world.Gateways.Count == 1 ? 0 : _random.Next(1, world.Gateways.Count)];

    private async Task<bool> KillRedisAsync(bool empty)
    {
        await world.Redis.KillAsync(empty);
        await Seconds(1, 4);
        await world.Redis.LaunchAsync();
        return true;
    }

    private async Task<bool> OldSnapshotAsync()
    {
        var saved = await world.Redis.TryAsync("SAVE");
        await Seconds(2, 5);
        return await KillRedisAsync(empty: false) && saved;
    }

    private async Task<bool> StopRedisAsync()
    {
        world.Redis.Signal("STOP");
        await Seconds(1, 6);
        world.Redis.Signal("CONT");
        return true;
    }

    private async Task<bool> FullRedisAsync()
    {
        var full = await world.Redis.TryAsync("CONFIG SET maxmemory 1");
        await Seconds(2, 5);
        return await world.Redis.TryAsync("CONFIG SET maxmemory 0") && full;
    }

    private async Task<bool> SlowRedisAsync()
    {
        var network = AnyGateway().Network;
        var before = network.ToClient.Delayed;
        network.ToClient.Jitter = 0.5;
        network.ToClient.Delay = TimeSpan.FromMilliseconds(_random.Next(10, 300));
        await Seconds(2, 6);
        network.ToClient.Delay = TimeSpan.Zero;
        return network.ToClient.Delayed > before;
    }

    private async Task<bool> CutOffAsync()
    {
        var network = AnyGateway().Network;
        var before = network.ToServer.Held + network.ToClient.Held;
        network.ToServer.Hold();
        network.ToClient.Hold();
        await Seconds(2, 16);
        network.ToServer.Release();
        network.ToClient.Release();
        return network.ToServer.Held + network.ToClient.Held > before;
    }

    private async Task<bool> ResetAsync()
    {
        var network = AnyGateway().Network;
        var before = network.Resets;
        for (var i = 0; i < 5; i++)
        {
            network.Cut();
            await Seconds(0, 1);
        }

        return network.Resets > before;
    }

    private async Task<bool> GarbageAsync()
    {
        var line = AnyGateway().Network.ToClient;
        var before = line.Injected;
        line.Inject(_random.Next(2) == 0 ? ":7\r\n" : "$2147483647\r\n");
        await Seconds(1, 3);
        return line.Injected > before;
    }

    private async Task<bool> SwallowAsync()
    {
        var line = AnyGateway().Network.ToClient;
        var before = line.Swallowed;
        line.SwallowReply();
        await Seconds(1, 3);
        return line.Swallowed > before;
    }

    private async Task<bool> StopGatewayAsync()
    {
        var gateway = AnyGateway();
        gateway.Interruptions.Begin();
        gateway.IsReady = false;
        gateway.Signal("STOP");
        await Seconds(1, 14);
        gateway.Signal("CONT");
        gateway.Interruptions.End();
        gateway.IsReady = true;
        return true;
    }

    private async Task<bool> KillGatewayAsync()
    {
        var gateway = MortalGateway();
        gateway.Interruptions.Begin();
        gateway.IsReady = false;
        await gateway.KillAsync();
        await RestartAsync(gateway);
        return true;
    }

    private async Task<bool> EndGatewayAsync()
    {
        var gateway = MortalGateway();
        var code = await gateway.TerminateAsync();
        if (code != 0)
        {
            world.History.Violate("crashes", $"g{gateway.Number} ended with code {code} after SIGTERM: {gateway.LastWords()}");
        }

        await RestartAsync(gateway);
        return code == 0;
    }

    private async Task RestartAsync(SoakGateway gateway)
    {
        foreach (var resource in world.Resources.All)
        {
            resource.Forget(gateway.Number);
        }

        await gateway.StartAsync();
        gateway.Interruptions.End();
        gateway.IsReady = true;
    }

    private async Task<bool> FailOriginAsync()
    {
        var before = world.Origin.Faults;
        world.OriginFaults.Begin();
        world.Origin.Failing = 0.1 + (0.4 * _random.NextDouble());
        await Seconds(2, 8);
        world.Origin.Failing = 0;
        world.OriginFaults.End();
        return world.Origin.Faults > before;
    }

    private async Task<bool> SlowOriginAsync()
    {
        var before = world.Origin.Requests;
        world.Origin.Delay = TimeSpan.FromMilliseconds(_random.Next(200, 1500));
        await Seconds(2, 5);
        world.Origin.Delay = TimeSpan.Zero;
        return world.Origin.Requests > before;
    }
}
