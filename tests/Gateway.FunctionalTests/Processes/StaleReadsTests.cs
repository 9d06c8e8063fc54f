using System.Globalization;
using CacheGateway.FunctionalTests.Redis;

namespace CacheGateway.FunctionalTests.Processes;

/// <summary>
/// Promise 2 on three gateway processes, a real Redis and data that changes 200 times a second: no read is stale, whatever is stopped, killed
/// or cut meanwhile. Ten seconds each; STALE_READS_SECONDS says otherwise, and STALE_READS_RESULTS names a file that gets the figures.
/// </summary>
public sealed class StaleReadsTests
{
    private const int Keys = 40;

    /// <summary>Short, so that a node that is stopped is waited for no longer than three seconds.</summary>
    private const string MaxBlind = "1s";

    private static TimeSpan Time => TimeSpan.FromSeconds(
        int.TryParse(Environment.GetEnvironmentVariable("STALE_READS_SECONDS"), NumberStyles.None, CultureInfo.InvariantCulture, out var seconds) ? seconds : 10);

    [Fact]
    public async Task UnderLoad_NoReadIsStale()
    {
        await using var cluster = await Processes.StartAsync();
        await cluster.RunAsync(Time, null);

        Assert.Empty(cluster.Load.Failures);
    }

    [Fault("F-54", "Gateway paused and resumed")]
    [Fact]
    public async Task GatewayStoppedAndResumed_NoReadIsStale()
    {
        await using var cluster = await Processes.StartAsync();
        var acknowledged = 0;
        await cluster.RunAsync(Time, async () =>
        {
            cluster.Load.Suspend(cluster.C);
            cluster.C.Signal("STOP");
            // Longer than the others wait for it: they go on without it, and it must notice when it wakes.
            await Task.Delay(3500);
            var before = cluster.Load.Acknowledged;
            await Task.Delay(1000);
            if ((acknowledged += cluster.Load.Acknowledged - before) == 0)
            {
                await Deadline.Until(() => Task.FromResult((acknowledged = cluster.Load.Acknowledged - before) > 0), "the others go on without it");
            }

            // They lie there when it wakes, and it has not heard from Redis yet.
            var waiting = cluster.Load.ReadAllAsync(cluster.C);
            cluster.C.Signal("CONT");
            cluster.Load.Resumed(cluster.C);
            await waiting;
            await Task.Delay(1000);
        });

        Assert.Empty(cluster.Load.Failures);
    }

    [Fault("F-06", "Redis restarted with an old snapshot")]
    [Fault("F-05", "Redis restarted empty")]
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task RedisKilledAndRestarted_NoReadIsStale(bool fromAnOldSnapshot)
    {
        await using var cluster = await Processes.StartAsync();
        var restarts = 0;
        await cluster.RunAsync(Time, async () =>
        {
            if (fromAnOldSnapshot)
            {
                await cluster.Redis.RunAsync("SAVE");
            }

            await Task.Delay(1000);
            await cluster.Redis.KillAsync();
            await Task.Delay(1000);
            await cluster.Redis.StartAsync();
            restarts++;
            // Each restart begins an incarnation, and everybody takes part in it.
            foreach (var gateway in cluster.Gateways)
            {
                await gateway.UntilMetric("cachegateway_bus_incarnations", count => count > restarts);
                await gateway.UntilTrusted();
            }

            await Task.Delay(1000);
        });

        Assert.Empty(cluster.Load.Failures);
    }

    [Fault("F-25", "Partition of one gateway")]
    [Fact]
    public async Task ConnectionOfOneGatewayCut_NoReadIsStale()
    {
        await using var cluster = await Processes.StartAsync();
        var way = cluster.WayOfC;
        await cluster.RunAsync(Time, async () =>
        {
            // Nothing goes through and nothing is closed; later the connections break, and what was held never arrives.
            way.ToServer.Hold();
            way.ToClient.Hold();
            await Task.Delay(3500);
            way.Cut();
            way.ToServer.Release();
            way.ToClient.Release();
            await Task.Delay(1500);
            way.Cut();
        });

        Assert.Empty(cluster.Load.Failures);
        Assert.True(way.Resets > 0, "connections were cut");
        Assert.True(cluster.Load.BlindAt(cluster.C) > 0, "it was blind meanwhile");
    }

    /// <summary>Redis, a backend and the gateways "a", "b" and "c", of which the last has its way to Redis through a proxy.</summary>
    private sealed class Processes : IAsyncDisposable
    {
        private readonly List<GatewayProcess> _gateways = [];
        private ChangingBackend? _backend;

        private Processes(RedisServer redis)
        {
            Redis = redis;
            WayOfC = FaultProxy.Before(redis.Port);
        }

        public RedisServer Redis { get; }

        public FaultProxy WayOfC { get; }

        public IReadOnlyList<GatewayProcess> Gateways => _gateways;

        public GatewayProcess C => _gateways[2];

        public StaleReads Load { get; private set; } = null!;

        public static async Task<Processes> StartAsync()
        {
            var processes = new Processes(await RedisServer.StartAsync());
            try
            {
                processes._backend = await ChangingBackend.StartAsync(Keys);
                foreach (var name in (string[])["a", "b", "c"])
                {
                    var redis = name == "c" ? processes.WayOfC.Address : processes.Redis.Address;
                    processes._gateways.Add(await GatewayProcess.StartAsync(
                        new Uri(processes._backend.Address), ["--node", name, "--redis", redis, "--max-blind", MaxBlind, "--deployment-id", "test"]));
                }

                foreach (var gateway in processes._gateways)
                {
                    await gateway.UntilTrusted();
                }
            }
            catch
            {
                await processes.DisposeAsync();
                throw;
            }

            processes.Load = new StaleReads(processes._backend, processes._gateways);
            return processes;
        }

        /// <summary>Runs the load and says what must hold in any case: no stale read, and a cache that works, and works again.</summary>
        public async Task RunAsync(TimeSpan time, Func<Task>? fault)
        {
            await Load.RunAsync(time, fault);
            TestContext.Current.TestOutputHelper?.WriteLine(Load.ToString());
            if (Environment.GetEnvironmentVariable("STALE_READS_RESULTS") is { Length: > 0 } file)
            {
                await File.AppendAllTextAsync(file, $"{TestContext.Current.Test?.TestDisplayName}, {time.TotalSeconds:0} s: {Load}\n");
            }

            Assert.Empty(Load.Stale);
            Assert.True(Load.Acknowledged > 0, Load.ToString());
            Assert.True(Load.Hits > 0, Load.ToString());
            foreach (var gateway in _gateways)
            {
                await gateway.UntilTrusted();
            }
        }

        public async ValueTask DisposeAsync()
        {
            Load?.Dispose();
            foreach (var gateway in _gateways)
            {
                await gateway.DisposeAsync();
            }

            await (_backend?.DisposeAsync() ?? ValueTask.CompletedTask);
            await WayOfC.DisposeAsync();
            await Redis.DisposeAsync();
        }
    }
}
