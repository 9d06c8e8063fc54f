using System.Net.Http.Json;
using System.Text.Json;
using CacheGateway.FunctionalTests.Invalidation;
using CacheGateway.FunctionalTests.Promises;
using CacheGateway.FunctionalTests.Redis;
using CacheGateway.Model;
using CacheGateway.Storage.Redis;
using Microsoft.Extensions.DependencyInjection;

namespace CacheGateway.FunctionalTests.Faults;

/// <summary>
/// A Redis that could not make its snapshot, because of a full disk mostly: it answers reads and refuses every write until one succeeds
/// (stop-writes-on-bgsave-error), which is how Redis comes out of the box.
/// </summary>
public sealed class RedisSnapshotTests
{
    private const int Entries = 10;

    // But for timeouts, which a busy machine makes of anything.
    private static readonly string[] OtherFailures = ["open", "busy", "disconnected", "unavailable", "failed"];

    [Fact]
    [Fault("F-08", "A snapshot of Redis fails, and it refuses writes (MISCONF): answers come, reads from it too, each refusal is counted as one, an invalidation is applied here and told as not durable, and all is replayed when it takes writes again")]
    public async Task FailedSnapshot_WritesAreRefused_AndReplayedWhenOneSucceeds()
    {
        // Longer than the test, as below: who does not see asks the origin, and reads nothing.
        await using var nodes = await Nodes.StartAsync(2, settings => settings with { MaxBlind = TimeSpan.FromMinutes(5) });
        nodes.Origin.GetNumbered("/x", Numbered.Fresh, "Cache-Tag: t");
        nodes.Origin.GetNumbered("/written", Numbered.Fresh);
        nodes.Origin.On("POST", "/written", _ => Reply.Of(201, "made"));
        nodes.Origin.Get("/y/*", Reply.Ok("y", Numbered.Fresh));
        nodes.Origin.Get("/before", Reply.Ok("before", Numbered.Fresh));
        await nodes.A.FetchAsync("/x");
        await nodes.A.FetchAsync("/written");
        await nodes.A.FetchAsync("/before");
        await nodes.A.UntilWrittenAsync(3);
        await nodes.AllAnswer("/x", "1");
        await nodes.AllAnswer("/written", "1");
        // From here on a knows of b.
        Assert.Equal(200, (await nodes.RaiseAsync(new { tags = (string[])["unrelated"], wait = "all" })).Status);
        var failures = await OtherFailuresAsync(nodes);
        var reads = await CallsAsync(nodes.A, "read", "ok");

        await nodes.Redis.FailSnapshotsAsync();
        Assert.StartsWith("MISCONF", await nodes.Redis.CommandLineAsync("SET", "x", "y"), StringComparison.Ordinal);

        // Whoever asks is answered, by the origin and by what Redis holds.
        for (var i = 0; i < Entries; i++)
        {
            Assert.Equal((200, "y"), await StatusAndTextAsync(nodes.A, $"/y/{i}"));
            Assert.Equal((200, "y"), await StatusAndTextAsync(nodes.A, $"/y/{i}"));
        }

        CacheAssert.Hit(await nodes.B.FetchAsync("/before"));
        await nodes.A.UntilWrittenAsync(Entries, "rejected");
        Assert.Equal(Entries, await CallsAsync(nodes.A, "write", "refused"));
        Assert.Equal(Entries, await CallsAsync(nodes.A, "read", "ok") - reads);
        Assert.Equal(Entries + 1, nodes.Origin.Requests("/y/*") + nodes.Origin.Requests("/before"));

        // What is invalidated is gone here, and nobody is told that it is gone elsewhere.
        var (status, receipt) = await nodes.RaiseAsync(new { tags = (string[])["t"], wait = "all" });
        Assert.Equal((202, false), (status, receipt.GetProperty("durable").GetBoolean()));
        Assert.Equal("b", receipt.GetProperty("missing").EnumerateArray().Single().GetString());
        Assert.Equal("2", (await nodes.A.FetchAsync("/x")).Text);
        CacheAssert.Hit(await nodes.A.FetchAsync("/x"));
        Assert.Equal((201, "made"), await PostAsync(nodes.A, "/written"));
        Assert.Equal("3", (await nodes.A.FetchAsync("/written")).Text);
        Assert.Equal(2, await CallsAsync(nodes.A, "fence-raise", "refused"));
        Assert.Equal(2, await nodes.A.MetricAsync("cachegateway_bus_not_durable_total"));
        Assert.Contains("warning: 2 invalidations wait for Redis\n", await HealthAsync(nodes.A), StringComparison.Ordinal);
        await Deadline.Until(async () => await CallsAsync(nodes.B, "fence-sync", "refused") > 0, "a sync is refused");

        // A refusal is an answer: nothing is held back, no connection is given up.
        await Deadline.Until(async () => await RedisAsync(nodes.A) is (true, false, JsonValueKind.Number), "Redis is told as there, with its latency");
        Assert.Equal(failures, await OtherFailuresAsync(nodes));
        Assert.True(nodes.A.Services.GetRequiredService<RedisGuard>().IsClosed, "reads go on");

        await nodes.Redis.HealSnapshotsAsync();
        await nodes.A.UntilMetric("cachegateway_bus_replayed_total", count => count == 2);
        await Deadline.Until(async () => await nodes.B.FetchAsync("/x") is { Status: 200, Text: not "1" } && await nodes.B.FetchAsync("/written") is { Status: 200, Text: not "1" }, "b learns of both");
        Assert.DoesNotContain("wait for Redis", await HealthAsync(nodes.A), StringComparison.Ordinal);
        Assert.Equal(200, (await nodes.RaiseAsync(new { tags = (string[])["t"], wait = "all" })).Status);
        var written = await nodes.A.SharedAsync("writes", "written");
        Assert.Equal((200, "y"), await StatusAndTextAsync(nodes.A, "/y/after"));
        await nodes.A.UntilWrittenAsync((int)written + 1);
        CacheAssert.Hit(await nodes.B.FetchAsync("/y/after"));
    }

    [Fact]
    [Fault("F-08", "Redis refuses writes for longer than a gateway trusts what it cannot prove: stored answers are validated, and served again when a snapshot succeeded")]
    public async Task FailedSnapshot_ForLong_IsBlindnessThatEnds()
    {
        await using var nodes = await Nodes.StartAsync(1, settings => settings with { MaxBlind = TimeSpan.FromSeconds(3) });
        nodes.Origin.Get("/x", request => Reply.Conditional(request, "\"v1\"", "x", Numbered.Fresh));
        await nodes.A.FetchAsync("/x");

        await nodes.Redis.FailSnapshotsAsync();
        await Nodes.UntilTrusted(nodes.A, trusted: false);
        var blind = await nodes.A.FetchAsync("/x");

        Assert.Equal((200, "x", Reason.Blind.Text()), (blind.Status, blind.Text, blind.CacheStatus?.Detail));
        Assert.Contains("(MISCONF", await HealthAsync(nodes.A), StringComparison.Ordinal);
        await nodes.Redis.HealSnapshotsAsync();
        await Nodes.UntilTrusted(nodes.A);
        CacheAssert.Hit(await nodes.A.FetchAsync("/x"));
        Assert.Equal(2, nodes.Origin.Requests("/x"));
    }

    [Fact]
    [Fault("F-08", "Redis refuses writes, and connections to it are made anew meanwhile: they last, and are read on")]
    public async Task FailedSnapshot_ConnectionsMadeMeanwhile_Last()
    {
        // Longer than the test: what Redis holds is asked for as long as a node trusts what it knows.
        await using var nodes = await Nodes.StartAsync(2, settings => settings with { MaxBlind = TimeSpan.FromMinutes(5) });
        nodes.Origin.Get("/x/*", Reply.Ok("x", Numbered.Fresh));
        for (var i = 0; i < Entries; i++)
        {
            await nodes.A.FetchAsync($"/x/{i}");
        }

        await nodes.A.UntilWrittenAsync(Entries);
        await nodes.Redis.FailSnapshotsAsync();
        var before = await ConnectionsAsync(nodes.Redis);
        await nodes.Redis.CommandLineAsync("CLIENT", "KILL", "TYPE", "pubsub");
        await nodes.Redis.CommandLineAsync("CLIENT", "KILL", "TYPE", "normal");

        await UntilSyncsAreRefusedAsync(nodes);
        var made = await ConnectionsAsync(nodes.Redis);
        Assert.Empty(before.Intersect(made));
        await UntilSyncsAreRefusedAsync(nodes);
        await UntilSyncsAreRefusedAsync(nodes);

        // One that is told of its channels later may have come, none may have gone.
        Assert.Empty(made.Except(await ConnectionsAsync(nodes.Redis)));
        await Deadline.Until(() => Task.FromResult(nodes.B.Services.GetRequiredService<RedisConnection>().IsConnected), "b is connected");
        var next = 0;
        await Deadline.Until(
            async () => (await nodes.B.FetchAsync($"/x/{next++ % Entries}")).Status == 200 && await nodes.B.SharedAsync("reads", "hit") > 0, "b reads from Redis");
        await nodes.Redis.HealSnapshotsAsync();
        await Deadline.Until(async () => (await nodes.RaiseAsync(new { all = true, wait = "all" })).Status == 200, "both take part again");
    }

    /// <summary>Until each node has asked for a sync once more and was refused.</summary>
    private static async Task UntilSyncsAreRefusedAsync(Nodes nodes)
    {
        foreach (var node in new[] { nodes.A, nodes.B })
        {
            var refused = await CallsAsync(node, "fence-sync", "refused");
            await Deadline.Until(async () => await CallsAsync(node, "fence-sync", "refused") > refused, "a sync is refused");
        }
    }

    /// <summary>The gateways' connections, by the server's numbers of them.</summary>
    private static async Task<string[]> ConnectionsAsync(RedisServer redis) =>
        [.. (await redis.CommandLineAsync("CLIENT", "LIST")).Split('\n').Where(line => line.Contains(" name=cachegateway ", StringComparison.Ordinal)).Select(line => line.Split(' ')[0])];

    private static async Task<(int Status, string Text)> StatusAndTextAsync(GatewayEnvironment gateway, string target)
    {
        var answer = await gateway.FetchAsync(target);
        return (answer.Status, answer.Text);
    }

    private static async Task<(int Status, string Text)> PostAsync(GatewayEnvironment gateway, string target)
    {
        await using var client = await gateway.ConnectAsync();
        await client.SendAsync($"POST {target} HTTP/1.1\r\nHost: shared.test\r\nContent-Length: 0\r\n\r\n");
        var answer = await client.ReadAsync("POST");
        return (answer.Status, answer.Text);
    }

    private static Task<double> CallsAsync(GatewayEnvironment gateway, string call, string outcome) =>
        gateway.MetricAsync($"cachegateway_redis_calls_total{{call=\"{call}\",outcome=\"{outcome}\"}}");

    /// <summary>Calls of both nodes that ended in any way but answered or refused.</summary>
    private static async Task<double[]> OtherFailuresAsync(Nodes nodes)
    {
        var counts = new List<double>();
        foreach (var node in new[] { nodes.A, nodes.B })
        {
            foreach (var outcome in OtherFailures)
            {
                counts.Add(await node.CallsAsync(outcome));
            }
        }

        return [.. counts];
    }

    /// <summary>What the health answer says of Redis.</summary>
    private static async Task<(bool IsConnected, bool IsHeldBack, JsonValueKind Latency)> RedisAsync(GatewayEnvironment gateway)
    {
        using var answer = await gateway.AdminAsync("/api/v2/cache/health");
        var redis = (await answer.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("redis");
        return (redis.GetProperty("isConnected").GetBoolean(), redis.GetProperty("isHeldBack").GetBoolean(), redis.GetProperty("latencyMs").ValueKind);
    }

    private static async Task<string> HealthAsync(GatewayEnvironment gateway)
    {
        using var health = await gateway.AdminAsync("/healthz");
        return await health.Content.ReadAsStringAsync();
    }
}
