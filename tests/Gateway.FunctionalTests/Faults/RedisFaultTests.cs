using CacheGateway.FunctionalTests.Promises;
using CacheGateway.FunctionalTests.Redis;
using CacheGateway.Storage.Redis;
using Microsoft.Extensions.DependencyInjection;

namespace CacheGateway.FunctionalTests.Faults;

/// <summary>A Redis that refuses, is busy, lacks a command, or whose answers are lost on the way: every answer to clients is right, and comes.</summary>
public sealed class RedisFaultTests
{
    private const int Entries = 20;

    [Fact]
    [Fault("F-08", "Redis becomes a read-only replica: answers come, an invalidation is applied here and told as not durable, and is replayed when it may be written again")]
    public async Task ReadOnlyReplica_IsToldAndReplayed()
    {
        await using var redis = await RedisServer.StartAsync();
        await using var a = await RedisGateways.StartAsync(redis);
        a.Origin.GetNumbered("/x", Numbered.Fresh, "Cache-Tag: t");
        await a.UntilConnectedAsync();
        await a.FetchAsync("/x");
        await redis.CommandLineAsync("REPLICAOF", "127.0.0.1", "1");

        using (var refused = await a.InvalidateAsync(new { tags = (string[])["t"], wait = "all" }))
        {
            Assert.Equal(202, (int)refused.StatusCode);
        }

        Assert.Equal("2", (await a.FetchAsync("/x")).Text);
        await redis.CommandLineAsync("REPLICAOF", "NO", "ONE");
        await a.UntilMetric("cachegateway_bus_replayed_total", count => count == 1);
    }

    [Fact]
    [Fault("F-07", "Redis is busy with a script that does not end: misses, not errors, and it is used again afterwards")]
    public async Task BusyServer_IsAMiss()
    {
        await using var redis = await RedisServer.StartAsync("--busy-reply-threshold", "50");
        await using var a = await RedisGateways.StartAsync(redis, configure: RedisGateways.ShippedLimits);
        a.Origin.Get("/*", Reply.Ok("x", Numbered.Fresh));
        await a.UntilConnectedAsync();
        var endless = redis.CommandLineAsync("EVAL", "while true do end", "0");
        await Deadline.Until(async () => (await redis.CommandLineAsync("PING")).StartsWith("BUSY", StringComparison.Ordinal), "the server is busy");

        for (var i = 0; i < Entries; i++)
        {
            Assert.Equal("x", (await a.FetchAsync($"/{i}")).Text);
        }

        await redis.CommandLineAsync("SCRIPT", "KILL");
        await endless;
        await UntilClosedAsync(a);
    }

    [Theory]
    [Fault("F-13", "A command that the gateway needs is renamed away: answers come without Redis")]
    [InlineData("EVAL")]
    [InlineData("EVALSHA")]
    [InlineData("HMGET")]
    [InlineData("PUBLISH")]
    public async Task RenamedCommand_AnswersCome(string command)
    {
        await using var redis = await RedisServer.StartAsync("--rename-command", command, "");
        await using var a = await RedisGateways.StartAsync(redis);
        a.Origin.Get("/*", Reply.Ok("x", Numbered.Fresh));
        await a.UntilMetric("cachegateway_redis_connected", connected => connected == 1);

        for (var i = 0; i < Entries; i++)
        {
            Assert.Equal((200, "x"), ((await a.FetchAsync($"/{i}")).Status, (await a.FetchAsync($"/{i}")).Text));
        }

        if (command != "PUBLISH")
        {
            // That one is used by scripts alone, which go on without it.
            await Deadline.Until(async () => await a.CallsAsync("refused") > 0, "something was refused");
        }
    }

    [Fact]
    [Fault("F-14", "One reply of Redis is lost, so that each later one answers the question before: never a wrong body")]
    public async Task SwallowedReply_NeverAWrongBody()
    {
        await using var redis = await RedisServer.StartAsync();
        await using var proxy = FaultProxy.Before(redis.Port, resp: true);
        await using var a = await RedisGateways.StartAsync(redis);
        await using var b = await RedisGateways.StartAsync([proxy.Address], a);
        await FillAsync(a, b);

        proxy.ToClient.SwallowReply();
        for (var round = 0; round < 3; round++)
        {
            var answers = await Task.WhenAll(Enumerable.Range(0, Entries).Select(i => b.FetchAsync($"/{i}")));
            Assert.Equal(Enumerable.Range(0, Entries).Select(i => (200, $"body {i}")), answers.Select(answer => (answer.Status, answer.Text)));
        }

        Assert.Equal(1, proxy.ToClient.Swallowed);
    }

    [Fact]
    [Fault("F-14", "One reply of Redis is lost before a write: its client has the origin's answer, and the invalidation holds on every node")]
    public async Task SwallowedReply_WritesAreAnswered_AndTheirInvalidationsHold()
    {
        const int writes = 5;
        await using var redis = await RedisServer.StartAsync();
        await using var proxy = FaultProxy.Before(redis.Port, resp: true);
        await using var a = await RedisGateways.StartAsync(redis);
        await using var b = await RedisGateways.StartAsync([proxy.Address], a);
        await a.UntilConnectedAsync();
        await b.UntilConnectedAsync();
        for (var i = 0; i < writes; i++)
        {
            a.Origin.GetNumbered($"/{i}", Numbered.Fresh);
            a.Origin.On("POST", $"/{i}", _ => Reply.Of(200, "ok"));
            Assert.Equal("1", (await a.FetchAsync($"/{i}")).Text);
        }

        await a.UntilWrittenAsync(writes);
        for (var i = 0; i < writes; i++)
        {
            Assert.Equal("1", (await b.FetchAsync($"/{i}")).Text);
        }

        proxy.ToClient.SwallowReply();
        await Deadline.Until(() => Task.FromResult(proxy.ToClient.Swallowed == 1), "a reply to one of the node's own questions is gone");
        var answers = await Task.WhenAll(Enumerable.Range(0, writes).Select(i => b.WriteAsync($"/{i}")));

        Assert.Equal(Enumerable.Repeat((200, "ok"), writes), answers.Select(answer => (answer.Status, answer.Text)));
        for (var i = 0; i < writes; i++)
        {
            CacheAssert.NoLonger("1", await b.FetchAsync($"/{i}"));
            await Deadline.Until(async () => await a.FetchAsync($"/{i}") is { Status: 200, Text: not "1" }, "the other node has it too");
        }
    }

    [Fact]
    [Fault("F-14", "Replies of Redis arrive byte by byte, or twice: never a wrong body")]
    public async Task SlicedAndDoubledReplies_NeverAWrongBody()
    {
        await using var redis = await RedisServer.StartAsync();
        await using var proxy = FaultProxy.Before(redis.Port);
        await using var a = await RedisGateways.StartAsync(redis);
        await using var b = await RedisGateways.StartAsync([proxy.Address], a);
        await FillAsync(a, b);

        proxy.ToClient.Slice = 1;
        var whole = await b.FetchAsync("/0");
        Assert.Equal((200, "body 0", 1), (whole.Status, whole.Text, a.Origin.Requests("/0")));
        CacheAssert.Hit(whole);
        proxy.ToClient.Duplicate();
        for (var i = 1; i < Entries; i++)
        {
            Assert.Equal((200, $"body {i}"), ((await b.FetchAsync($"/{i}")).Status, (await b.FetchAsync($"/{i}")).Text));
        }

        Assert.True(proxy.ToClient is { Sliced: > 0, Duplicated: 1 }, "the proxy did it");
    }

    [Theory]
    [Fault("F-25", "The way to Redis is dead in one direction, or both, and nobody closes it: answers come in time, and it is used again when it lives")]
    [InlineData(true, false)]
    [InlineData(false, true)]
    [InlineData(true, true)]
    public async Task BlackHole_AnswersCome(bool there, bool back)
    {
        await using var redis = await RedisServer.StartAsync();
        await using var proxy = FaultProxy.Before(redis.Port);
        await using var a = await RedisGateways.StartAsync([proxy.Address], configure: RedisGateways.ShippedLimits);
        a.Origin.Get("/*", Reply.Ok("x", Numbered.Fresh));
        await a.UntilConnectedAsync();
        Hold(proxy, there, back);

        for (var i = 0; i < Entries; i++)
        {
            Assert.Equal("x", (await Deadline.Within(a.FetchAsync($"/{i}"), "an answer")).Text);
        }

        Assert.True(proxy.ToServer.Held + proxy.ToClient.Held > 0, "the proxy held something");
        proxy.ToServer.Release();
        proxy.ToClient.Release();
        await a.UntilConnectedAsync();
        await UntilClosedAsync(a);
    }

    private static void Hold(FaultProxy proxy, bool there, bool back)
    {
        if (there)
        {
            proxy.ToServer.Hold();
        }

        if (back)
        {
            proxy.ToClient.Hold();
        }
    }

    private static async Task FillAsync(GatewayEnvironment a, GatewayEnvironment b)
    {
        await a.UntilConnectedAsync();
        await b.UntilConnectedAsync();
        for (var i = 0; i < Entries; i++)
        {
            a.Origin.Get($"/{i}", Reply.Ok($"body {i}", Numbered.Fresh));
            await a.FetchAsync($"/{i}");
        }

        await a.UntilWrittenAsync(Entries);
    }

    private static Task UntilClosedAsync(GatewayEnvironment gateway)
    {
        var guard = gateway.Services.GetRequiredService<RedisGuard>();
        return Deadline.Until(async () => (await guard.CallAsync("test", database => database.PingAsync())).IsOk && guard.IsClosed, "calls go through again");
    }
}
