using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net.Sockets;
using CacheGateway.FunctionalTests.Promises;
using CacheGateway.FunctionalTests.Redis;

namespace CacheGateway.FunctionalTests.Faults;

/// <summary>How a gateway process ends, told to or not, and what the next one finds.</summary>
public sealed class EndTests
{
    [Fact]
    [Fault("F-37", "SIGTERM under load: readiness off at once, every answer asks its client to leave, none is lost or cut, exit code 0")]
    public async Task Sigterm_UnderLoad_LosesNothing()
    {
        const int Clients = 20;
        await using var origin = ScriptedOrigin.Start(TimeProvider.System);
        origin.Get("/hit", Reply.Ok("hit", Numbered.Fresh));
        origin.On("GET", "/slow", async exchange =>
        {
            await Task.Delay(50, exchange.Stopping);
            await exchange.SendAsync(Reply.Ok("slow", "Cache-Control: no-store"));
        });
        var download = new Gate();
        origin.Get("/download", Reply.Chunked(["first ", download, "second"], "Cache-Control: no-store"));
        await using var gateway = await GatewayProcess.StartAsync(origin.Address, ["--drain", "10s"]);
        var answers = new ConcurrentBag<RawResponse>();
        async Task AskUntilAskedToLeaveAsync(int client)
        {
            await using var connection = await gateway.ConnectAsync();
            RawResponse answer;
            do
            {
                answer = await connection.GetAsync(client % 2 == 0 ? "/hit" : "/slow");
                answers.Add(answer);
            }
            while (answer.Complete && answer.Header("Connection") != "close");
        }

        var clients = Enumerable.Range(0, Clients).Select(AskUntilAskedToLeaveAsync).ToArray();
        await using var downloading = await gateway.ConnectAsync();
        await downloading.SendAsync("GET", "/download", []);
        await downloading.ReadHeadAsync();
        await Deadline.Until(() => Task.FromResult(answers.Count > 200), "load");

        gateway.Signal("TERM");
        await Deadline.Until(async () => await gateway.ReadyAsync() == 503, "readiness is off");
        await Deadline.Within(Task.WhenAll(clients), "every client is asked to leave");
        download.Open();
        using var body = new MemoryStream();
        await Deadline.Within(downloading.Reader.CopyChunkedAsync(body), "the download that was under way");

        Assert.All(answers, answer => Assert.True(answer is { Complete: true, Status: 200, Text: "hit" or "slow" }, answer.ToString()));
        Assert.Equal("first second", System.Text.Encoding.ASCII.GetString(body.ToArray()));
        Assert.Equal(0, await gateway.ExitAsync());
    }

    [Fact]
    [Fault("F-37", "SIGTERM while clients come with a connection for each request: between two of them nobody is connected, and the next is served all the same")]
    public async Task Sigterm_BetweenTwoConnections_KeepsListening()
    {
        await using var origin = ScriptedOrigin.Start(TimeProvider.System);
        origin.Get("/x", Reply.Ok("x", Numbered.Fresh));
        await using var gateway = await GatewayProcess.StartAsync(origin.Address, ["--drain", "10s"]);
        Assert.Equal(200, (await gateway.GetAsync("/x")).Status);

        var left = Stopwatch.GetTimestamp();
        gateway.Signal("TERM");
        await Deadline.Until(async () => await gateway.ReadyAsync() == 503, "readiness is off");
        var began = Stopwatch.GetTimestamp();
        do
        {
            try
            {
                await using var connection = await gateway.ConnectAsync();
                Assert.Equal(200, (await connection.GetAsync("/x")).Status);
            }
            catch (SocketException) when (Stopwatch.GetElapsedTime(left) >= TimeSpan.FromSeconds(1))
            {
                // A busy machine let so much time pass between two that the gateway could take it for the end.
                break;
            }

            left = Stopwatch.GetTimestamp();
        }
        while (Stopwatch.GetElapsedTime(began) < TimeSpan.FromMilliseconds(500));

        Assert.Equal(0, await gateway.ExitAsync());
    }

    [Fact]
    [Fault("F-37", "SIGTERM while the process starts is heard: it ends with exit code 0 instead of serving for ever")]
    public async Task Sigterm_WhileItStarts_EndsIt()
    {
        var folder = Directory.CreateTempSubdirectory("cachegateway-start-");
        var file = Path.Combine(folder.FullName, "policies.json");
        // It takes a while to read, and is read before the host has handlers of its own.
        var policies = Enumerable.Range(0, 5000).Select(i => $$"""
            "p{{i}}": { "match": { "path": "/p{{i}}/{id}" }, "ttl": "1m", "tags": ["p{{i}}", "p{{i}}:{id}"] }
            """);
        await File.WriteAllTextAsync(file, $$"""{ "policies": { {{string.Join(",\n", policies)}} } }""");
        var read = new Gate();
        using var watcher = new FileSystemWatcher(folder.FullName) { NotifyFilter = NotifyFilters.LastAccess };
        watcher.Changed += (_, _) => read.Open();
        watcher.EnableRaisingEvents = true;
        await using var gateway = GatewayProcess.Launch(new Uri("http://127.0.0.1:1"), ["--policies", file, "--drain", "1s"]);
        await Deadline.Within(read.Opened, "it reads its policies");

        gateway.Signal("TERM");

        Assert.Equal(0, await gateway.ExitAsync());
        folder.Delete(recursive: true);
    }

    [Fact]
    [Fault("F-37", "An answer that would outlast the drain is cut off where its client sees it, and the process ends in time")]
    public async Task AnswerThatOutlastsTheDrain_IsCut_AndTheProcessEnds()
    {
        await using var origin = ScriptedOrigin.Start(TimeProvider.System);
        origin.Get("/endless", Reply.Chunked(["first ", new Gate()], "Cache-Control: no-store"));
        await using var gateway = await GatewayProcess.StartAsync(origin.Address, ["--drain", "2s", "--origin-idle-timeout", "1h"]);
        await using var client = await gateway.ConnectAsync();
        await client.SendAsync("GET", "/endless", []);
        await client.ReadHeadAsync();
        var started = Stopwatch.GetTimestamp();

        gateway.Signal("TERM");
        using var body = new MemoryStream();
        await Assert.ThrowsAnyAsync<IOException>(() => Deadline.Within(client.Reader.CopyChunkedAsync(body), "the cut"));
        await gateway.ExitAsync();

        Assert.True(Stopwatch.GetElapsedTime(started) < TimeSpan.FromSeconds(30), $"it took {Stopwatch.GetElapsedTime(started)}");
    }

    [Fact]
    [Fault("F-37", "A second SIGTERM ends the process at once")]
    public async Task SecondSigterm_EndsAtOnce()
    {
        await using var origin = ScriptedOrigin.Start(TimeProvider.System);
        origin.Get("/endless", Reply.Chunked(["first ", new Gate()], "Cache-Control: no-store"));
        await using var gateway = await GatewayProcess.StartAsync(origin.Address, ["--drain", "1h", "--origin-idle-timeout", "1h"]);
        await using var client = await gateway.ConnectAsync();
        await client.SendAsync("GET", "/endless", []);
        await client.ReadHeadAsync();
        gateway.Signal("TERM");
        await Deadline.Until(async () => await gateway.ReadyAsync() == 503, "it drains");

        gateway.Signal("TERM");

        Assert.Equal(143, await gateway.ExitAsync());
    }

    [Fact]
    [Fault("F-37", "SIGHUP ends nothing: the log says that files are read again by themselves")]
    public async Task Sighup_IsIgnored()
    {
        await using var origin = ScriptedOrigin.Start(TimeProvider.System);
        origin.Get("/x", Reply.Ok("x", "Cache-Control: no-store"));
        await using var gateway = await GatewayProcess.StartAsync(origin.Address);

        gateway.Signal("HUP");

        await Deadline.Until(() => Task.FromResult(gateway.HasExited || gateway.Lines.Any(line => line.Contains("SIGHUP is ignored", StringComparison.Ordinal))), "the line");
        Assert.Equal(200, (await gateway.GetAsync("/x")).Status);
        Assert.Equal(0, await gateway.EndAsync());
    }

    [Fact]
    [Fault("F-37", "What waits to be written to Redis is written before the process ends")]
    public async Task Sigterm_FlushesWhatWaitsForRedis()
    {
        const int Entries = 100;
        await using var redis = await RedisServer.StartAsync();
        await using var origin = ScriptedOrigin.Start(TimeProvider.System);
        origin.Get("/*", Reply.Ok(new string('x', 5000), Numbered.Fresh));
        await using var gateway = await GatewayProcess.StartAsync(origin.Address, ["--redis", redis.Address, "--node", "a", "--deployment-id", "test"]);
        await gateway.UntilMetric("cachegateway_bus_trusted", trusted => trusted == 1);
        await using var client = await gateway.ConnectAsync();
        for (var i = 0; i < Entries; i++)
        {
            await client.GetAsync($"/{i}", "Host: shared.test");
        }

        gateway.Signal("TERM");

        Assert.Equal(0, await gateway.ExitAsync());
        Assert.Equal(Entries, (await redis.KeysAsync()).Length);
    }

    [Fact]
    [Fault("F-38", "SIGKILL and a new start: the new process serves from Redis, and nothing that was invalidated before")]
    public async Task Sigkill_TheNextProcessServesFromRedis_AndNothingInvalidated()
    {
        await using var redis = await RedisServer.StartAsync();
        await using var origin = ScriptedOrigin.Start(TimeProvider.System);
        origin.Get("/kept", Reply.Ok("kept", Numbered.Fresh, "Cache-Tag: kept"));
        origin.GetNumbered("/gone", Numbered.Fresh, "Cache-Tag: gone");
        string[] arguments = ["--redis", redis.Address, "--node", "a", "--deployment-id", "test"];
        await using (var first = await GatewayProcess.StartAsync(origin.Address, arguments))
        {
            await first.UntilMetric("cachegateway_bus_trusted", trusted => trusted == 1);
            await first.GetAsync("/kept");
            await first.GetAsync("/gone");
            await first.UntilMetric("cachegateway_l2_writes_total{outcome=\"written\"}", written => written == 2);
            using var raised = await first.InvalidateAsync("""{"tags":["gone"],"wait":"all"}""");
            Assert.Equal(System.Net.HttpStatusCode.OK, raised.StatusCode);
            first.Signal("KILL");
            await first.ExitAsync();
        }

        await using var second = await GatewayProcess.StartAsync(origin.Address, arguments);
        await second.UntilMetric("cachegateway_bus_trusted", trusted => trusted == 1);

        CacheAssert.Hit(await second.GetAsync("/kept"));
        Assert.Equal("2", (await second.GetAsync("/gone")).Text);
    }

    [Fact]
    [Fault("F-54", "A gateway stopped (SIGSTOP) longer than it may be blind: when it goes on it asks the origin before it serves anything it held")]
    public async Task Sigstop_ThenOn_ServesNothingThatWasInvalidatedMeanwhile()
    {
        await using var redis = await RedisServer.StartAsync();
        await using var origin = ScriptedOrigin.Start(TimeProvider.System);
        origin.GetNumbered("/x", Numbered.Fresh, "Cache-Tag: t");
        string[] Arguments(string node) => ["--redis", redis.Address, "--node", node, "--deployment-id", "test", "--max-blind", "3s"];
        await using var a = await GatewayProcess.StartAsync(origin.Address, Arguments("a"));
        await using var b = await GatewayProcess.StartAsync(origin.Address, Arguments("b"));
        await a.UntilMetric("cachegateway_bus_trusted", trusted => trusted == 1);
        await b.UntilMetric("cachegateway_bus_trusted", trusted => trusted == 1);
        Assert.Equal("1", (await b.GetAsync("/x")).Text);
        CacheAssert.Hit(await b.GetAsync("/x"));

        b.Signal("STOP");
        // All answer for it as soon as it counts as blind; that is the acknowledgement.
        var acknowledged = false;
        await Deadline.Until(async () =>
        {
            using var raised = await a.InvalidateAsync("""{"tags":["t"],"wait":"all","timeoutMs":1000}""");
            return acknowledged = raised.StatusCode == System.Net.HttpStatusCode.OK;
        }, "the invalidation is acknowledged without the one that is stopped");
        var asked = b.GetAsync("/x");
        b.Signal("CONT");

        Assert.True(acknowledged);
        CacheAssert.NoLonger("1", await asked);
    }

    [Fact]
    [Fault("F-54", "A gateway stopped longer than its origin may take: what was under way ends in 504, and the origin, which was asked for nothing meanwhile, is not left alone for it")]
    public async Task Sigstop_WithRequestsUnderWay_DoesNotOpenTheBreaker()
    {
        const int More = 30;
        await using var origin = ScriptedOrigin.Start(TimeProvider.System);
        origin.Get("/well", Reply.Ok("well", "Cache-Control: no-store"));
        var asked = 0;
        origin.On("GET", "/hung", exchange =>
        {
            Interlocked.Increment(ref asked);
            return Task.Delay(Timeout.Infinite, exchange.Stopping);
        });
        await using var gateway = await GatewayProcess.StartAsync(origin.Address, ["--origin-timeout", "10s"]);
        Assert.Equal(200, (await gateway.GetAsync("/well")).Status);
        async Task<int> AskAsync(int number)
        {
            await using var connection = await gateway.ConnectAsync();
            return (await connection.GetAsync($"/hung?{number}")).Status;
        }

        var under = Enumerable.Range(0, More).Select(AskAsync).ToArray();
        await Deadline.Until(() => Task.FromResult(Volatile.Read(ref asked) == More), "all are on their way");
        gateway.Signal("STOP");
        // A stopped process has no clock that a test could turn: its limit of ten seconds, and the two that no load makes a timer late, pass.
        await Task.Delay(TimeSpan.FromSeconds(12.5));
        gateway.Signal("CONT");

        Assert.All(await Deadline.Within(Task.WhenAll(under), "each has an answer"), status => Assert.Equal(504, status));
        Assert.Equal("well", (await gateway.GetAsync("/well")).Text);
    }
}
