using CacheGateway.Model;
using CacheGateway.Storage;
using CacheGateway.Storage.Redis;
using Microsoft.Extensions.DependencyInjection;

namespace CacheGateway.FunctionalTests.Redis;

/// <summary>Which of two writes stays does not depend on which comes last.</summary>
public sealed class WriteOrderTests
{
    [Fault("F-16", "Queued writes replayed after a reconnect")]
    [Theory]
    [InlineData(10, 0, 9, 100, "newer")]
    [InlineData(10, 0, 10, -100, "newer")]
    [InlineData(10, 0, 10, 100, "written")]
    [InlineData(10, 0, 11, -100, "written")]
    [InlineData(10, 600_000, 10, 0, "written")]
    public async Task LateWrite_NeverReplacesANewerOne(long epoch, int received, long lateEpoch, int lateReceived, string outcome)
    {
        await using var redis = await RedisServer.StartAsync();
        await using var a = await RedisGateways.StartAsync(redis);
        var (tier, sample) = await SampleAsync(a);
        var before = await a.SharedAsync("writes", outcome);

        await tier.WriteAsync(With(sample, sample.Epoch + epoch, received), tier.Incarnation, 64);
        await tier.WriteAsync(With(sample, sample.Epoch + lateEpoch, lateReceived), tier.Incarnation, 64);

        // The first of the two was written in any case.
        Assert.Equal(before + (outcome == "written" ? 2 : 1), await a.SharedAsync("writes", outcome));
    }

    [Fact]
    public async Task AcrossLivesOfTheFence_TheLaterFetchStays_WhateverTheEpochs()
    {
        await using var redis = await RedisServer.StartAsync();
        await using var a = await RedisGateways.StartAsync(redis, configure: builder => builder.Services.AddSingleton(new Incarnation(() => "new")));
        await using var b = await RedisGateways.StartAsync(redis, a, configure: builder => builder.Services.AddSingleton(new Incarnation(() => "old")));
        var (tier, sample) = await SampleAsync(a);
        await b.UntilConnectedAsync();
        await b.FetchAsync("/y");
        var paused = b.Services.GetRequiredService<RedisTier>();

        await tier.WriteAsync(With(sample, 5, 0), "new", 64);
        await paused.WriteAsync(With(sample, 1000, -1000), "old", 64);

        Assert.Equal(1, await b.SharedAsync("writes", "newer"));
    }

    /// <summary>A gateway that has not joined, or never may, has a life that nobody else is in.</summary>
    [Fact]
    public async Task WriteOfALifeOfOnesOwn_IsNotSent()
    {
        await using var redis = await RedisServer.StartAsync();
        await using var a = await RedisGateways.StartAsync(redis, configure: builder => builder.Services.AddSingleton(new Incarnation(() => "-5")));
        a.Origin.Get("/x", Reply.Ok("x", "Cache-Control: max-age=60"));
        await a.UntilConnectedAsync();
        await a.FetchAsync("/x");

        Assert.Equal((1, 0), (await a.SharedAsync("writes", "late"), await a.SharedAsync("writes", "written")));
    }

    /// <summary>What is not worth a place in Redis takes away the one that it had there: it would come back with the next start.</summary>
    [Theory]
    [InlineData("no-cache", 0)]
    [InlineData("max-age=60", 1)]
    public async Task AnswerThatIsNotForRedis_LeavesNoOlderOneThere(string control, int left)
    {
        await using var redis = await RedisServer.StartAsync();
        await using var a = await RedisGateways.StartAsync(redis);
        a.Origin.Get("/x", Reply.Ok("1", "Cache-Control: max-age=1, stale-while-revalidate=3600"), Reply.Ok("2", $"Cache-Control: {control}", "ETag: \"2\""));
        await a.UntilConnectedAsync();
        await a.FetchAsync("/x");
        await a.UntilWrittenAsync(1);

        // It is refreshed behind a client when its second is over, on the machine's clock.
        await Deadline.Until(async () => (await a.FetchAsync("/x")).Text == "2", "it is refreshed");

        await Deadline.Until(async () => await HeadsAsync() == left, "Redis has no older one");

        async Task<int> HeadsAsync()
        {
            var entry = (await redis.KeysAsync()).Single(key => key.Contains("/x:", StringComparison.Ordinal));
            return ((string[])(await redis.RunAsync("HKEYS", entry))!).Count(field => field.StartsWith("h:", StringComparison.Ordinal));
        }
    }

    [Fact]
    [Fault("F-16", "A late write after a new life of the fence: it is not sent")]
    public async Task WriteOfALifeThatEnded_IsNotSent()
    {
        await using var redis = await RedisServer.StartAsync();
        var life = "old";
        await using var a = await RedisGateways.StartAsync(redis, configure: builder => builder.Services.AddSingleton(new Incarnation(() => life)));
        var (tier, sample) = await SampleAsync(a);

        life = "new";
        await tier.WriteAsync(With(sample, 1000, 200), "old", 64);

        Assert.Equal((1, 1), (await a.SharedAsync("writes", "late"), await a.SharedAsync("writes", "written")));
    }

    [Fact]
    public async Task EntryOfAnotherLife_IsNotServed()
    {
        await using var redis = await RedisServer.StartAsync();
        await using var a = await RedisGateways.StartAsync(redis, configure: builder => builder.Services.AddSingleton(new Incarnation(() => "old")));
        await using var b = await RedisGateways.StartAsync(redis, a, configure: builder => builder.Services.AddSingleton(new Incarnation(() => "new")));
        a.Origin.Get("/x", request => Reply.Ok($"{request.PathNumber}", "Cache-Control: max-age=60"));
        await a.UntilConnectedAsync();
        await b.UntilConnectedAsync();
        await a.FetchAsync("/x");
        await a.UntilWrittenAsync(1);

        Assert.Equal("2", (await b.FetchAsync("/x")).Text);
        Assert.Equal(1, await b.SharedAsync("reads", "dead"));
    }

    [Fact]
    public async Task MoreVariantsThanAllowed_TheOldestGiveWay()
    {
        await using var redis = await RedisServer.StartAsync();
        await using var a = await RedisGateways.StartAsync(redis);
        var (tier, sample) = await SampleAsync(a);

        for (var i = 0; i < 5; i++)
        {
            await tier.WriteAsync(With(sample, 1, 0, new VaryValue("x", $"{i}")), tier.Incarnation, 3);
        }

        var fields = await (await redis.ClientAsync()).HashKeysAsync(Assert.Single(await redis.KeysAsync()));
        Assert.Equal(3, fields.Count(field => ((string)field!).StartsWith("h:", StringComparison.Ordinal)));
        Assert.Equal(3, fields.Count(field => ((string)field!).StartsWith("b:", StringComparison.Ordinal)));
    }

    /// <summary>The tier of a gateway that has read once, so that it knows Redis' time, and a response to make others from.</summary>
    private static async Task<(RedisTier Tier, StoredResponse Sample)> SampleAsync(GatewayEnvironment gateway)
    {
        gateway.Origin.Get("/x", Reply.Ok("body", "Cache-Control: max-age=60"));
        await gateway.UntilConnectedAsync();
        await gateway.FetchAsync("/x");
        await gateway.UntilWrittenAsync(1);
        var sample = gateway.Services.GetRequiredService<MemoryTier>().Responses().Single();
        return (gateway.Services.GetRequiredService<RedisTier>(), sample);
    }

    private static StoredResponse With(StoredResponse sample, long epoch, int receivedLater, params VaryValue[] vary) => new(sample.Key.ToKey())
    {
        Status = sample.Status,
        Headers = sample.Headers,
        Body = BodySegments.Copy("other body"u8),
        Freshness = sample.Freshness with { ReceivedAt = sample.Freshness.ReceivedAt + receivedLater },
        Vary = vary,
        Epoch = epoch,
        Date = sample.Date,
    };
}
