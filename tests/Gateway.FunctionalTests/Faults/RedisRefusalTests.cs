using CacheGateway.FunctionalTests.Invalidation;
using CacheGateway.FunctionalTests.Promises;
using CacheGateway.FunctionalTests.Redis;

namespace CacheGateway.FunctionalTests.Faults;

/// <summary>A Redis that is there and does not serve: it loads, lost its master, takes nobody in, or closes a subscription that does not listen.</summary>
public sealed class RedisRefusalTests
{
    [Fact]
    [Fault("F-07", "Redis loads its data after a restart: answers come, invalidations are kept, and both are shared again when it has loaded")]
    public async Task LoadingServer_AnswersCome_AndItIsJoinedAfterwards()
    {
        await using var redis = await RedisServer.StartAsync("--key-load-delay", "20000", "--loading-process-events-interval-bytes", "1024");
        await using var a = await RedisGateways.StartAsync(redis);
        a.Origin.GetNumbered("/x", Numbered.Fresh, "Cache-Tag: t");
        await a.UntilConnectedAsync();
        await redis.RunAsync("EVAL", "for i = 1, 1000 do redis.call('SET', 'other' .. i, string.rep('x', 1000)) end", "0");
        await redis.RunAsync("SAVE");
        await a.FetchAsync("/x");

        await redis.KillAsync();
        await redis.StartAsync();
        Assert.StartsWith("LOADING", await redis.CommandLineAsync("PING"), StringComparison.Ordinal);
        using (var taken = await a.InvalidateAsync(new { tags = (string[])["t"], wait = "all", timeoutMs = 100 }))
        {
            Assert.Equal(202, (int)taken.StatusCode);
        }

        Assert.Equal("2", (await a.FetchAsync("/x")).Text);
        Assert.StartsWith("LOADING", await redis.CommandLineAsync("PING"), StringComparison.Ordinal);
        // Loads no slower than it can from here on.
        await redis.CommandLineAsync("CONFIG", "SET", "key-load-delay", "0");
        await a.UntilMetric("cachegateway_bus_replayed_total", count => count == 1);
        await a.UntilConnectedAsync();
        Assert.Equal("PONG", await redis.CommandLineAsync("PING"));
    }

    [Fact]
    [Fault("F-08", "Redis is a replica that lost its master and serves nothing: answers come, an invalidation is applied here, and is replayed later")]
    public async Task ReplicaWithoutMaster_AnswersCome()
    {
        await using var redis = await RedisServer.StartAsync("--replica-serve-stale-data", "no");
        await using var a = await RedisGateways.StartAsync(redis);
        a.Origin.GetNumbered("/x", Numbered.Fresh, "Cache-Tag: t");
        a.Origin.Get("/y/*", Reply.Ok("y", Numbered.Fresh));
        await a.UntilConnectedAsync();
        await a.FetchAsync("/x");
        await redis.CommandLineAsync("REPLICAOF", "127.0.0.1", "1");
        Assert.StartsWith("MASTERDOWN", await redis.CommandLineAsync("GET", "x"), StringComparison.Ordinal);

        using (var taken = await a.InvalidateAsync(new { tags = (string[])["t"], wait = "all", timeoutMs = 100 }))
        {
            Assert.Equal(202, (int)taken.StatusCode);
        }

        Assert.Equal("2", (await a.FetchAsync("/x")).Text);
        for (var i = 0; i < 20; i++)
        {
            Assert.Equal((200, "y"), ((await a.FetchAsync($"/y/{i}")).Status, (await a.FetchAsync($"/y/{i}")).Text));
        }

        await redis.CommandLineAsync("REPLICAOF", "NO", "ONE");
        await a.UntilMetric("cachegateway_bus_replayed_total", count => count == 1);
    }

    [Theory]
    [Fault("F-13", "Redis takes no more clients, or wants a password that nobody knows, from one moment to the next: answers come, and it is joined again when it lets us in")]
    [InlineData("maxclients", "1", "1000")]
    [InlineData("requirepass", "changed", "")]
    public async Task RefusedFromNowOn_AnswersCome_AndItIsJoinedAgain(string setting, string refusing, string open)
    {
        await using var redis = await RedisServer.StartAsync();
        await using var a = await RedisGateways.StartAsync(redis);
        a.Origin.GetNumbered("/x", Numbered.Fresh, "Cache-Tag: t");
        await a.UntilConnectedAsync();
        await a.FetchAsync("/x");
        await redis.RunAsync("CONFIG", "SET", setting, refusing);
        await redis.RunAsync("CLIENT", "KILL", "TYPE", "pubsub");
        await redis.RunAsync("CLIENT", "KILL", "TYPE", "normal");

        using (var taken = await a.InvalidateAsync(new { tags = (string[])["t"], wait = "all", timeoutMs = 100 }))
        {
            Assert.Equal(202, (int)taken.StatusCode);
        }

        Assert.Equal("2", (await a.FetchAsync("/x")).Text);
        await redis.RunAsync("CONFIG", "SET", setting, open);
        await a.UntilMetric("cachegateway_bus_replayed_total", count => count == 1);
    }

    [Fact]
    [Fault("F-04", "Large entries on a narrow way to Redis, small ones beside: every answer is right and in time, what does not arrive is a miss, and the way is used again when it is wide")]
    public async Task NarrowWay_LargeEntriesDoNotHoldUpAnswers()
    {
        await using var redis = await RedisServer.StartAsync();
        await using var way = FaultProxy.Before(redis.Port);
        await using var a = await RedisGateways.StartAsync(redis);
        await using var b = await RedisGateways.StartAsync([way.Address], a, configure: RedisGateways.ShippedLimits);
        // Bytes that do not get smaller: 200 kB take more than a second at 1 Mbit/s.
        var large = Convert.ToBase64String(System.Security.Cryptography.RandomNumberGenerator.GetBytes(150_000));
        a.Origin.Get("/large/*", Reply.Ok(large, Numbered.Fresh));
        a.Origin.Get("/small/*", Reply.Ok("small", Numbered.Fresh));
        await a.UntilConnectedAsync();
        await b.UntilConnectedAsync();
        for (var i = 0; i < 10; i++)
        {
            await a.FetchAsync($"/large/{i}");
            await a.FetchAsync($"/small/{i}");
        }

        await a.UntilWrittenAsync(20);
        way.ToClient.BytesPerSecond = 125_000;

        var answers = await Task.WhenAll(Enumerable.Range(0, 20).Select(i => b.FetchAsync(i % 2 == 0 ? $"/large/{i / 2}" : $"/small/{i / 2}")));

        Assert.All(answers.Where((_, i) => i % 2 == 0), answer => Assert.Equal((200, large), (answer.Status, answer.Text)));
        Assert.All(answers.Where((_, i) => i % 2 == 1), answer => Assert.Equal((200, "small"), (answer.Status, answer.Text)));
        Assert.True(await b.CallsAsync("timeout") > 0, "what did not arrive in time was given up");
        way.ToClient.BytesPerSecond = 0;
        await a.FetchAsync("/small/later");
        await a.UntilWrittenAsync(21);
        var hits = await b.SharedAsync("reads", "hit");
        await Deadline.Until(
            async () =>
            {
                Assert.Equal(200, (await FetchNewAsync(a, b)).Status);
                return await b.SharedAsync("reads", "hit") > hits;
            },
            "b reads from Redis again");
    }

    [Fact]
    [Fault("F-20", "A subscriber too slow for Redis, which closes its connection: invalidations are applied all the same")]
    public async Task SlowSubscriber_IsClosedByRedis_AndMissesNothing()
    {
        await using var nodes = await Nodes.StartAsync(1);
        await using var way = FaultProxy.Before(nodes.Redis.Port);
        var b = await nodes.AddAsync(way.Address);
        nodes.Origin.GetNumbered("/x", Numbered.Fresh, "Cache-Tag: t");
        Assert.Equal("1", (await b.FetchAsync("/x")).Text);
        await nodes.Redis.RunAsync("CONFIG", "SET", "client-output-buffer-limit", "pubsub 256kb 128kb 1");
        await Deadline.Until(async () => await nodes.Listening("test:{fence}:wake") == 2, "both listen");

        way.ToClient.Hold();
        var garbage = new string('x', 64 * 1024);
        await Deadline.Until(
            async () =>
            {
                await nodes.Redis.RunAsync("PUBLISH", "test:{fence}:wake", garbage);
                return await nodes.Listening("test:{fence}:wake") == 1;
            },
            "Redis closes the subscription");
        Assert.Equal(200, (await nodes.RaiseAsync(new { tags = (string[])["t"], wait = "none" })).Status);
        way.Cut();
        way.ToClient.Release();

        await nodes.UntilApplied(b);
        Assert.Equal("2", (await b.FetchAsync("/x")).Text);
        await Deadline.Until(async () => await nodes.Listening("test:{fence}:wake") == 2, "it listens again");
    }

    /// <summary>Something that only the first gateway has fetched, asked of the second.</summary>
    private static async Task<RawResponse> FetchNewAsync(GatewayEnvironment a, GatewayEnvironment b)
    {
        var target = $"/small/{Guid.NewGuid():N}";
        var written = await a.SharedAsync("writes", "written");
        await a.FetchAsync(target);
        await a.UntilWrittenAsync((int)written + 1);
        return await b.FetchAsync(target);
    }
}
