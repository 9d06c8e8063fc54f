using CacheGateway.FunctionalTests.Redis;
using CacheGateway.Storage.Redis;
using CacheGateway.Warming;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace CacheGateway.FunctionalTests.Warming;

/// <summary>A gateway that starts again has soon what its former life was asked for most.</summary>
public sealed class StartWarmingTests : IDisposable
{
    private const string Policies = """{ "policies": { "p": { "match": { "path": "/p/{id}" }, "ttl": "10m", "warm": { "urls": ["/p/listed"] } }, "s": { "match": { "path": "/s/{id}" }, "ttl": "10m", "key": { "headers": ["X-Session"] } } } }""";

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("cachegateway-warming-");

    private string Record => Path.Combine(_folder.FullName, "popular.json");

    public void Dispose() => _folder.Delete(recursive: true);

    [Fact]
    public async Task Restart_WithAFile_WarmsWhatWasPopular()
    {
        // What one leaves that is killed while it writes.
        await File.WriteAllTextAsync(Record + ".tmp", "half");
        await using (var first = await StartAsync(null))
        {
            await first.WarmEndOfAsync("start");
            await AskAsync(first, "/p/hot", 3);
            await AskAsync(first, "/p/cold", 1);
            await AskAsync(first, "/p/mine", 3, "Authorization: Bearer x");
            first.Origin.Get("/p/mine-by-key", Reply.Ok("x", "Vary: X-Api-Key"));
            await AskAsync(first, "/p/mine-by-key", 3, "X-Api-Key: alice");
            await AskAsync(first, "/s/mine-by-a-name-of-its-own", 3, "X-Session: alice");
            await first.StopGatewayAsync();
        }

        Assert.DoesNotContain("alice", await File.ReadAllTextAsync(Record), StringComparison.Ordinal);
        Assert.DoesNotContain("mine", await File.ReadAllTextAsync(Record), StringComparison.Ordinal);
        Assert.Equal([Record], Directory.GetFileSystemEntries(_folder.FullName));
        if (!OperatingSystem.IsWindows())
        {
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(Record));
        }

        await using var second = await StartAsync(null);
        var job = await second.WarmEndOfAsync("start");

        Assert.Equal((2, 2), (job.Count("total"), job.Count("stored")));
        Assert.Equal(["/p/hot", "/p/listed"], second.Origin.Log.Select(request => request.Target).Order());
        CacheAssert.Hit(await second.AskAsync("api.test", "/p/hot"));
    }

    [Fact]
    [Fault("F-30", "The origin comes up after the gateway: what was to be warmed at the start is warmed then")]
    public async Task OriginThatComesLater_IsAskedWhenItIsThere()
    {
        await using var origin = ScriptedOrigin.Start(new ManualTime());
        origin.Get("/p/*", Reply.Ok("x"));
        await origin.GoAway();
        await using var late = await GatewayEnvironment.StartAsync(new EnvironmentOptions
        {
            Policies = Policies,
            Settings = settings => settings with { Origin = origin.Address.ToString().TrimEnd('/'), Hosts = ["api.test"], Warming = true, WarmingFile = Record },
        });
        Assert.Equal(1, (await late.WarmEndOfAsync("start")).Count("failed"));

        origin.Return();
        await Deadline.Until(async () =>
        {
            late.Time.AdvanceSeconds(1);
            return (await late.GetAsync("/p/listed", "Host: api.test", "Cache-Control: only-if-cached")).Status == 200;
        }, "the listed one to be warm");
    }

    [Fact]
    public async Task Restart_WithRedis_WarmsWhatWasPopular()
    {
        await using var redis = await RedisServer.StartAsync();
        await LeaveTheRecordAloneAsync(redis);

        await using var second = await StartAsync(redis);
        await second.WarmEndOfAsync("start");

        Assert.Equal(["/p/hot", "/p/listed"], second.Origin.Log.Select(request => request.Target).Order());
        CacheAssert.Hit(await second.AskAsync("api.test", "/p/hot"));
    }

    [Fact]
    public async Task Restart_WhileRedisIsNotReadyYet_WarmsWhatWasPopularWhenItIs()
    {
        await using var redis = await RedisServer.StartAsync();
        await LeaveTheRecordAloneAsync(redis);

        redis.Pause();
        await using var second = await StartAsync(redis);
        // It serves, and whatever it asked Redis at its start has run out of time.
        Assert.Equal("x", (await second.AskAsync("api.test", "/p/other")).Text);
        await Deadline.Until(async () => await second.CallsAsync("timeout") + await second.CallsAsync("disconnected") > 0, "Redis does not answer");
        redis.Resume();
        await second.WarmEndOfAsync("start");

        Assert.Equal(["/p/hot", "/p/listed", "/p/other"], second.Origin.Log.Select(request => request.Target).Order());
    }

    [Theory]
    [InlineData("")]
    [InlineData("no json")]
    [InlineData("""{"version": 2, "keys": []}""")]
    [InlineData("""{"version": 1, "keys": [null, {}, {"scheme": "http", "authority": "evil.test", "target": "/p/1", "headers": {}}, {"scheme": "http", "authority": "api.test", "target": "//x", "headers": {}}, {"scheme": "http", "authority": "api.test", "target": "/p/1", "headers": {"Cookie": "x"}}, {"scheme": "http", "authority": "api.test", "target": "/p/1", "headers": {"X": null}}, {"scheme": "http", "authority": "api.test", "target": "/s/1", "headers": {"X-Session": "alice"}}]}""")]
    public async Task Record_ThatIsNone_OrLeadsElsewhere_WarmsNothing(string record)
    {
        await File.WriteAllTextAsync(Record, record);

        await using var env = await StartAsync(null);
        await env.WarmEndOfAsync("start");

        Assert.Equal("/p/listed", Assert.Single(env.Origin.Log).Target);
    }

    [Fact]
    public async Task Request_ThatNoClientMade_NamesNoClient()
    {
        await using var env = await StartAsync(null);
        await env.WarmEndOfAsync("start");

        Assert.False(env.Origin.Last("/p/listed").Has("X-Forwarded-For"));
        Assert.Equal("api.test", env.Origin.Last("/p/listed").Header("X-Forwarded-Host"));
    }

    [Fact]
    public async Task Off_NothingIsWarmedOrRecorded()
    {
        await using (var env = await StartAsync(null, warming: false))
        {
            await AskAsync(env, "/p/hot", 3);
            await env.StopGatewayAsync();
            Assert.Single(env.Origin.Log);
        }

        Assert.False(File.Exists(Record));
    }

    [Fact]
    public async Task Folder_ThatDoesNotExist_StopsNothing()
    {
        await using var env = await StartAsync(null, record: Path.Combine(_folder.FullName, "no", "such", "file"));
        await env.WarmEndOfAsync("start");
        await AskAsync(env, "/p/hot", 3);

        await env.StopGatewayAsync();
    }

    /// <summary>As on a full disk: whatever came of it must not stay beside it, where it takes the last room for good.</summary>
    [Fact]
    public async Task Record_ThatCannotBeReplaced_LeavesNothingBesideIt()
    {
        Directory.CreateDirectory(Record);
        var log = new KeptLog();
        await using var env = await StartAsync(null, log: log);
        await env.WarmEndOfAsync("start");
        await AskAsync(env, "/p/hot", 3);

        await env.StopGatewayAsync();

        Assert.Contains(log.Lines, line => line.StartsWith("The popular keys were not recorded", StringComparison.Ordinal));
        Assert.Equal([Record], Directory.GetFileSystemEntries(_folder.FullName));
    }

    /// <summary>Whatever is wrong in the background, the gateway serves on, and the next round is made. What could not be read is not written over.</summary>
    [Fact]
    public async Task RecordThatThrows_StopsNothing_AndIsNotLost()
    {
        var broken = new BrokenRecord();
        await using var env = await StartAsync(null, store: broken);
        await env.WarmEndOfAsync("start");
        Assert.Equal("/p/listed", Assert.Single(env.Origin.Log).Target);
        await AskAsync(env, "/p/hot", 3);
        await NextRoundAsync(() => broken.Reads >= 3);
        Assert.Equal(0, broken.Writes);

        broken.Mend();
        await NextRoundAsync(() => broken.Writes >= 2);

        Assert.Contains("/p/former", broken.Written, StringComparison.Ordinal);
        Assert.Contains("/p/hot", broken.Written, StringComparison.Ordinal);
        Assert.Equal(200, (await env.GetAsync("/p/other", "Host: api.test")).Status);

        Task NextRoundAsync(Func<bool> isThere) => Deadline.Until(
            () =>
            {
                env.Time.AdvanceSeconds(61);
                return Task.FromResult(isThere());
            },
            "the next round");
    }

    /// <summary>A former life, of which Redis holds what was popular. What the other tier holds would be found there; the record alone is to be seen.</summary>
    private async Task LeaveTheRecordAloneAsync(RedisServer redis)
    {
        await using (var first = await StartAsync(redis))
        {
            await first.UntilConnectedAsync();
            await first.WarmEndOfAsync("start");
            await AskAsync(first, "/p/hot", 3);
            await first.StopGatewayAsync();
        }

        foreach (var key in await redis.KeysAsync())
        {
            await redis.RunAsync("DEL", key);
        }
    }

    private static async Task AskAsync(GatewayEnvironment env, string path, int times, params string[] headers)
    {
        for (var i = 0; i < times; i++)
        {
            await using var client = await env.ConnectAsync();
            await client.SendAsync($"GET {path} HTTP/1.1\r\nHost: api.test\r\n{string.Concat(headers.Select(header => header + "\r\n"))}\r\n");
            Assert.Equal("x", (await client.ReadAsync("GET")).Text);
        }
    }

    private async Task<GatewayEnvironment> StartAsync(RedisServer? redis, bool warming = true, string? record = null, IPopularityStore? store = null, KeptLog? log = null)
    {
        var env = await GatewayEnvironment.StartAsync(new EnvironmentOptions
        {
            Policies = Policies,
            Settings = settings => settings with
            {
                Hosts = ["api.test"],
                Warming = warming,
                WarmingFile = redis is null ? record ?? Record : null,
                DeploymentId = "test",
                Redis = redis is null ? null : new RedisSettings { EndPoints = [redis.Address] },
            },
            Configure = builder =>
            {
                if (redis is not null)
                {
                    builder.Services.AddSingleton(TimeProvider.System).AddSingleton(RedisGateways.PatientLimits);
                }

                if (store is not null)
                {
                    builder.Services.AddSingleton(store);
                }

                if (log is not null)
                {
                    builder.Logging.AddProvider(log);
                }
            },
        });
        env.Origin.On(null, "*", _ => Reply.Ok("x"));
        return env;
    }

    private sealed class BrokenRecord : IPopularityStore
    {
        private int _reads;
        private int _writes;
        private volatile bool _isMended;

        public int Reads => Volatile.Read(ref _reads);

        public int Writes => Volatile.Read(ref _writes);

        public string Written { get; private set; } = "";

        public void Mend() => _isMended = true;

        public Task<byte[]?> ReadAsync()
        {
            Interlocked.Increment(ref _reads);
            return _isMended
                ? Task.FromResult<byte[]?>("""{"version":1,"keys":[{"scheme":"http","authority":"api.test","target":"/p/former","headers":{}}]}"""u8.ToArray())
                : throw new InvalidOperationException("broken");
        }

        public Task WriteAsync(byte[] bytes)
        {
            Written = System.Text.Encoding.UTF8.GetString(bytes);
            Interlocked.Increment(ref _writes);
            throw new InvalidOperationException("broken");
        }
    }
}
