using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using CacheGateway.FunctionalTests.Promises;
using CacheGateway.FunctionalTests.Redis;
using StackExchange.Redis;

namespace CacheGateway.FunctionalTests.Invalidation;

/// <summary>What backends publish in Redis.</summary>
public sealed class EventTests
{
    private const string Policies = """
        {
          "policies": { "x": { "match": { "path": "/c/{id}" }, "ttl": "1h", "tags": ["category:{id}"] } },
          "events": { "category.saved": ["category:{id}"] }
        }
        """;

    private const string State = "test:{fence}:state";

    [Theory]
    [InlineData("XADD", "cachegateway:events", "*", "json", """{"event":"category.saved","id":"e1","data":{"id":7}}""")]
    [InlineData("XADD", "cachegateway:events", "*", "event", "category.saved", "data", """{"id":7}""")]
    [InlineData("XADD", "cachegateway:events", "*", "source", "event", "event", "category.saved", "kind", "data", "data", """{"id":7}""")]
    [InlineData("PUBLISH", "cachegateway:events", """{"event":"category.saved","id":"e1","data":{"id":7}}""")]
    public async Task Event_IsDoneOnceByAllGateways(params string[] command)
    {
        await using var nodes = await Nodes.StartAsync(3, null, Policies);
        nodes.Origin.GetNumbered("/c/7", Numbered.Fresh);
        nodes.Origin.GetNumbered("/c/8", Numbered.Fresh);
        var seven = (await nodes.B.FetchAsync("/c/7")).Text;
        var eight = (await nodes.B.FetchAsync("/c/8")).Text;

        await UntilHeard(nodes, 3);
        await nodes.Redis.RunAsync(command[0], [.. command[1..]]);
        await Deadline.Until(async () => (await nodes.B.FetchAsync("/c/7")).Text != seven, "b learns of it");
        // All have looked when a later event is through.
        await nodes.Redis.RunAsync("XADD", "cachegateway:events", "*", "event", "category.saved", "id", "last", "data", """{"id":9}""");
        await Deadline.Until(async () => !(await nodes.Redis.RunAsync("ZSCORE", "test:{fence}:done", Done("last", """{"id":9}"""))).IsNull, "the last one");

        Assert.Equal(eight, (await nodes.B.FetchAsync("/c/8")).Text);
        Assert.Equal(2, (long)(await nodes.Redis.RunAsync("XLEN", "test:{fence}:audit")));
    }

    [Fact]
    [Fault("F-26", "Thousands of messages of a backend at once: all are raised, and the gateways serve on from memory")]
    public async Task ManyMessagesAtOnce_AreRaised_AndEmptyNobody()
    {
        const int Many = 2000;
        await using var nodes = await Nodes.StartAsync(1, null, Policies);
        await UntilHeard(nodes, 1);

        await Task.WhenAll(Enumerable.Range(0, Many).Select(i => nodes.Redis.RunAsync("PUBLISH", "cachegateway:events", $$$"""{"event":"category.saved","data":{"id":{{{i}}}}}""")));

        await Deadline.Until(async () => (long)await nodes.Redis.RunAsync("XLEN", "test:{fence}:stream") >= Many, "all are raised", TimeSpan.FromSeconds(60));
        Assert.Equal(0, await nodes.A.MetricAsync("cachegateway_bus_not_durable_total"));
        Assert.Equal(1, await nodes.A.MetricAsync("cachegateway_bus_incarnations"));
    }

    /// <summary>Some 20,000 bytes an event, 400,000 a second, one second for an answer: what has piled up does not arrive in time at once.</summary>
    [Fact]
    [Fault("F-25", "Events that do not come through a narrow line at once: they are read in smaller parts")]
    public async Task EventsThatANarrowLineDoesNotBringAtOnce_AreReadInParts()
    {
        await using var nodes = await Nodes.StartAsync(1, Nodes.ShippedBus, Policies);
        var first = await nodes.EventPlaceAsync();
        await using var line = FaultProxy.Before(nodes.Redis.Port, resp: true);
        await nodes.AddAsync(line.Address, policies: Policies.Replace("\"category.saved\": [", "\"category.saved\": [\"other\", ", StringComparison.Ordinal));
        var own = await nodes.EventPlaceAsync(first);
        await line.RefuseAsync();
        line.Cut();
        var last = "";
        for (var i = 0; i < 60; i++)
        {
            last = (string)(await nodes.Redis.RunAsync("XADD", "cachegateway:events", "*", "event", "category.saved", "data", $$"""{"id":{{i}},"pad":"{{new string('x', 20_000)}}"}"""))!;
        }

        line.ToClient.BytesPerSecond = 400_000;
        line.AcceptAgain();

        await Deadline.Until(async () => (string?)await nodes.Redis.RunAsync("HGET", State, own) == last, "it has read them", TimeSpan.FromSeconds(60));
    }

    /// <summary>The place that an incarnation begins with is made by Redis' clock: where that was ahead and is set right, what is published has ids before it.</summary>
    [Fact]
    [Fault("F-24", "Redis' clock was ahead when an incarnation began, and is set right: events that come with ids before that are noticed")]
    public async Task EventsBeforeAPlaceThatAClockAheadMade_AreNotLost()
    {
        await using var nodes = await Nodes.StartAsync(1, null, Policies);
        nodes.Origin.GetNumbered("/c/7", Numbered.Fresh);
        await nodes.A.FetchAsync("/c/7");
        var field = await nodes.EventPlaceAsync();
        await nodes.Redis.RunAsync("HSET", State, "cursor", "99999999999999-1000000", field, "99999999999999-1000000");

        await nodes.Redis.RunAsync("XADD", "cachegateway:events", "42-1", "event", "category.saved", "data", """{"id":7}""");
        await Deadline.Until(async () => (await nodes.A.FetchAsync("/c/7")).Text == "2", "it is noticed");
        await nodes.Redis.RunAsync("XADD", "cachegateway:events", "42-2", "event", "category.saved", "data", """{"id":7}""");
        await Deadline.Until(async () => (await nodes.A.FetchAsync("/c/7")).Text == "3", "the next is read");
        Assert.Equal("42-2", (string?)await nodes.Redis.RunAsync("HGET", State, field));
    }

    /// <summary>The right to listen may come later.</summary>
    [Fact]
    public async Task ChannelsThatWereRefused_AreAskedForAgain()
    {
        await using var nodes = await Nodes.StartAsync(1, null, Policies, "--user", "default", "on", "nopass", "~*", "+@all", "resetchannels");
        nodes.Origin.GetNumbered("/c/7", Numbered.Fresh);
        await nodes.A.FetchAsync("/c/7");
        await Deadline.Until(async () => await RefusedAsync() >= 2, "it is asked for again");

        await nodes.Redis.RunAsync("ACL", "SETUSER", "default", "allchannels");

        await UntilHeard(nodes, 1);
        await nodes.Redis.RunAsync("PUBLISH", "cachegateway:events", """{"event":"category.saved","data":{"id":7}}""");
        await Deadline.Until(async () => (await nodes.A.FetchAsync("/c/7")).Text == "2", "it is heard");

        // Redis counts alike refusals in one entry: "count", N, ..., "object", CHANNEL.
        async Task<int> RefusedAsync() => ((RedisResult[])(await nodes.Redis.RunAsync("ACL", "LOG"))!)
            .Select(entry => Array.ConvertAll((RedisResult[])entry!, part => (string?)part))
            .Where(entry => entry[Array.IndexOf(entry, "object") + 1] == "cachegateway:events")
            .Sum(entry => int.Parse(entry[Array.IndexOf(entry, "count") + 1]!, System.Globalization.CultureInfo.InvariantCulture));
    }

    [Fact]
    public async Task Stream_PublishedWhileNobodyListens_IsReadLater()
    {
        await using var nodes = await Nodes.StartAsync(1, null, Policies);
        nodes.Origin.GetNumbered("/c/7", Numbered.Fresh);
        await nodes.A.FetchAsync("/c/7");
        await nodes.A.UntilWrittenAsync(1);
        await nodes.A.StopGatewayAsync();

        await nodes.Redis.RunAsync("XADD", "cachegateway:events", "*", "event", "category.saved", "data", """{"id":7}""");
        var late = await nodes.AddAsync();

        await Deadline.Until(async () => (await late.FetchAsync("/c/7")).Text == "2", "the new node reads it");
    }

    [Fact]
    public async Task StreamThatRedisRefuses_IsAWarning_AndOneThatIsNotThereIsNone()
    {
        await using var nodes = await Nodes.StartAsync(1, null, Policies);
        nodes.Origin.GetNumbered("/c/7", Numbered.Fresh);
        await nodes.A.FetchAsync("/c/7");
        await nodes.A.UntilMetric("cachegateway_redis_calls_total{call=\"events-info\",outcome=\"ok\"}", count => count >= 2);
        Assert.Equal(0, await nodes.A.CallsAsync("refused"));
        Assert.DoesNotContain("events", await HealthAsync(), StringComparison.Ordinal);

        await nodes.Redis.RunAsync("LPUSH", "cachegateway:events", "x");

        await Deadline.Until(async () => (await HealthAsync()).Contains("warning: events are not read: Redis refuses to give their stream (WRONGTYPE", StringComparison.Ordinal), "it is told");
        await nodes.Redis.RunAsync("DEL", "cachegateway:events");
        await nodes.Redis.RunAsync("XADD", "cachegateway:events", "*", "event", "category.saved", "data", """{"id":7}""");
        await Deadline.Until(async () => (await nodes.A.FetchAsync("/c/7")).Text == "2", "it is read");
        await Deadline.Until(async () => !(await HealthAsync()).Contains("events", StringComparison.Ordinal), "nothing is told any more");

        async Task<string> HealthAsync()
        {
            using var health = await nodes.A.AdminAsync("/healthz");
            return await health.Content.ReadAsStringAsync();
        }
    }

    /// <summary>It stays in the stream: whoever reads it again needs no journal, and must not clear the same over and over.</summary>
    [Fact]
    public async Task RedisRefusesWrites_WithAnEventUnread_HoldsHereOnce_AndIsRaisedLater()
    {
        await using var nodes = await Nodes.StartAsync(0, null, Policies);
        await using var way = FaultProxy.Before(nodes.Redis.Port);
        var node = await nodes.AddAsync(way.Address);
        nodes.Origin.GetNumbered("/c/7", Numbered.Fresh);
        await node.FetchAsync("/c/7");

        way.ToServer.Hold();
        await nodes.Redis.RunAsync("XADD", "cachegateway:events", "*", "event", "category.saved", "data", """{"id":7}""");
        await nodes.Redis.RunAsync("CONFIG", "SET", "min-replicas-to-write", "1");
        way.ToServer.Release();

        await node.UntilMetric("cachegateway_redis_calls_total{call=\"fence-raise\",outcome=\"refused\"}", count => count >= 4);
        Assert.Equal("2", (await node.FetchAsync("/c/7")).Text);
        Assert.Equal(0, await node.MetricAsync("cachegateway_bus_journal"));
        Assert.Equal(1, await node.MetricAsync("cachegateway_bus_not_durable_total"));
        Assert.Equal(1, await node.MetricAsync("cachegateway_invalidations_total"));

        await nodes.Redis.RunAsync("CONFIG", "SET", "min-replicas-to-write", "0");
        await Deadline.Until(async () => (long)await nodes.Redis.RunAsync("XLEN", "test:{fence}:audit") == 1, "it is raised for everybody");
        Assert.Equal(0, await node.MetricAsync("cachegateway_bus_replayed_total"));
    }

    [Fact]
    public async Task PlaceInTheStreamThatIsNone_IsALoss_AndEventsGoOn()
    {
        await using var nodes = await Nodes.StartAsync(1, null, Policies);
        nodes.Origin.GetNumbered("/c/7", Numbered.Fresh);
        nodes.Origin.GetNumbered("/c/8", Numbered.Fresh);
        await nodes.A.FetchAsync("/c/8");
        await nodes.Redis.RunAsync("XADD", "cachegateway:events", "*", "event", "category.saved", "data", """{"id":9}""");

        await nodes.Redis.RunAsync("HSET", State, await nodes.EventPlaceAsync(), "1795790000000");

        await Deadline.Until(async () => (await nodes.A.FetchAsync("/c/8")).Text == "2", "nobody knows what was read: everything is cleared");
        var seven = (await nodes.A.FetchAsync("/c/7")).Text;
        await nodes.Redis.RunAsync("XADD", "cachegateway:events", "*", "event", "category.saved", "data", """{"id":7}""");
        await Deadline.Until(async () => (await nodes.A.FetchAsync("/c/7")).Text != seven, "later events are read");
    }

    [Fact]
    public async Task Garbage_IsCountedAndTheRestIsRead()
    {
        await using var nodes = await Nodes.StartAsync(1, null, Policies);
        nodes.Origin.GetNumbered("/c/7", Numbered.Fresh);
        await nodes.A.FetchAsync("/c/7");

        await UntilHeard(nodes, 1);
        await nodes.Redis.RunAsync("PUBLISH", "cachegateway:events", "{nonsense");
        await nodes.Redis.RunAsync("XADD", "cachegateway:events", "*", "json", "{nonsense");
        await nodes.Redis.RunAsync("XADD", "cachegateway:events", "*", "json", """{"event":"a","event":"b"}""");
        await nodes.Redis.RunAsync("XADD", "cachegateway:events", "*", "x", "y");
        await nodes.Redis.RunAsync("XADD", "cachegateway:events", "*", "event", "nobody.knows");
        await nodes.Redis.RunAsync("XADD", "cachegateway:events", "*", "event", "category.saved", "data", """{"id":7}""");

        await Deadline.Until(async () => (await nodes.A.FetchAsync("/c/7")).Text == "2", "the good one is done");
        // What is published comes another way than the stream.
        await nodes.A.UntilMetric("cachegateway_bus_garbage_total", count => count == 4);
        await nodes.A.UntilMetric("cachegateway_events_ignored_total", count => count == 5);
    }

    /// <summary>What cannot be read as text must neither stop the reader nor be taken for another event.</summary>
    [Theory]
    [InlineData("json", """{"event":"\ud800","data":{"id":7}}""")]
    [InlineData("json", """{"\ud800":1,"event":"category.saved","data":{"id":9}}""")]
    [InlineData("json", """{"event":"category.saved","id":"\udfff","data":{"id":"\ud800"}}""")]
    [InlineData("event", "category.saved", "data", """{"id":"\ud800"}""")]
    [InlineData("event", "category.saved", "data", """{"\ud800":7}""")]
    public async Task TextThatIsNone_IsIgnored_AndTheRestIsRead(params string[] entry)
    {
        await using var nodes = await Nodes.StartAsync(1, null, Policies);
        nodes.Origin.GetNumbered("/c/7", Numbered.Fresh);
        await nodes.A.FetchAsync("/c/7");

        await nodes.Redis.RunAsync("XADD", ["cachegateway:events", "*", .. entry]);
        await nodes.Redis.RunAsync("XADD", "cachegateway:events", "*", "event", "category.saved", "data", """{"id":7}""");

        await Deadline.Until(async () => (await nodes.A.FetchAsync("/c/7")).Text == "2", "the good one is done");
    }

    /// <summary>Many events may be sent with an id that is empty; they are as many events.</summary>
    [Fact]
    public async Task EmptyIds_AreNoIds()
    {
        await using var nodes = await Nodes.StartAsync(1, null, Policies);
        nodes.Origin.GetNumbered("/c/7", Numbered.Fresh);
        await nodes.A.FetchAsync("/c/7");

        // With the same data: as one id they would be the same event.
        for (var saved = 2; saved <= 3; saved++)
        {
            await nodes.Redis.RunAsync("XADD", "cachegateway:events", "*", "event", "category.saved", "id", "", "data", """{"id":7}""");
            await Deadline.Until(async () => (await nodes.A.FetchAsync("/c/7")).Text == $"{saved}", $"version {saved}");
        }
    }

    [Theory]
    [InlineData(1)]
    [InlineData(0)]
    public async Task Stream_TrimmedBeforeItWasRead_InvalidatesEverything(int left)
    {
        await using var nodes = await Nodes.StartAsync(1, null, Policies);
        nodes.Origin.GetNumbered("/c/1", Numbered.Fresh);
        await nodes.Redis.RunAsync("XADD", "cachegateway:events", "*", "event", "category.saved", "id", "one", "data", """{"id":7}""");
        await Deadline.Until(async () => !(await nodes.Redis.RunAsync("ZSCORE", "test:{fence}:done", Done("one", """{"id":7}"""))).IsNull, "the first one");
        await nodes.A.FetchAsync("/c/1");

        await nodes.Redis.RunAsync("EVAL", """
            for i = 1, 5 do redis.call('XADD', 'cachegateway:events', 'MAXLEN', 1, '*', 'event', 'category.saved', 'data', '{"id":9}') end
            redis.call('XTRIM', 'cachegateway:events', 'MAXLEN', ARGV[1])
            """, 0, left);

        await Deadline.Until(async () => (await nodes.A.FetchAsync("/c/1")).Text == "2", "everything is dead");
        await DoneAsync("two");
        var raised = await RaisedAsync();
        await DoneAsync("three");
        // The place has moved on: what was lost is not told again.
        Assert.Equal(raised + 1, await RaisedAsync());

        async Task DoneAsync(string id)
        {
            await nodes.Redis.RunAsync("XADD", "cachegateway:events", "*", "event", "category.saved", "id", id, "data", """{"id":7}""");
            await Deadline.Until(async () => !(await nodes.Redis.RunAsync("ZSCORE", "test:{fence}:done", Done(id, """{"id":7}"""))).IsNull, $"the event {id} is done");
        }

        async Task<long> RaisedAsync() => (long)await nodes.Redis.RunAsync("XLEN", "test:{fence}:audit");
    }

    [Fact]
    public async Task EventOfTheStream_PostedOnceMore_IsNotDoneTwice()
    {
        await using var nodes = await Nodes.StartAsync(1, null, Policies);
        await nodes.Redis.RunAsync("XADD", "cachegateway:events", "*", "event", "category.saved", "id", "one", "data", """{"id":7}""");
        await Deadline.Until(async () => !(await nodes.Redis.RunAsync("ZSCORE", "test:{fence}:done", Done("one", """{"id":7}"""))).IsNull, "the event is done");
        var raised = (long)await nodes.Redis.RunAsync("XLEN", "test:{fence}:audit");

        using var same = await nodes.A.PostAdminAsync("/api/v2/cache/events", """{"event":"category.saved","id":"one","data":{"id":7}}""");
        Assert.Equal(raised, (long)await nodes.Redis.RunAsync("XLEN", "test:{fence}:audit"));

        using var other = await nodes.A.PostAdminAsync("/api/v2/cache/events", """{"event":"category.saved","id":"one","data":{"id":8}}""");
        Assert.Equal(raised + 1, (long)await nodes.Redis.RunAsync("XLEN", "test:{fence}:audit"));
    }

    [Fact]
    public async Task Stream_DeletedUnreadAndBegunAnew_InvalidatesEverything()
    {
        await using var nodes = await Nodes.StartAsync(1, null, Policies);
        nodes.Origin.GetNumbered("/c/1", Numbered.Fresh);
        await nodes.Redis.RunAsync("XADD", "cachegateway:events", "*", "event", "category.saved", "id", "one", "data", """{"id":7}""");
        await Deadline.Until(async () => !(await nodes.Redis.RunAsync("ZSCORE", "test:{fence}:done", Done("one", """{"id":7}"""))).IsNull, "the first one");
        await nodes.A.FetchAsync("/c/1");

        await nodes.Redis.RunAsync("EVAL", """
            redis.call('XADD', 'cachegateway:events', '*', 'event', 'category.saved', 'data', '{"id":1}')
            redis.call('DEL', 'cachegateway:events')
            redis.call('XADD', 'cachegateway:events', '*', 'event', 'category.saved', 'data', '{"id":9}')
            """, 0);

        await Deadline.Until(async () => (await nodes.A.FetchAsync("/c/1")).Text == "2", "everything is dead");
    }

    /// <summary>Systems number their events apart.</summary>
    [Theory]
    [InlineData("category.renamed", """{"id":7}""")]
    [InlineData("category.saved", """{"id":8}""")]
    public async Task OneId_OfSeveralEvents_IsSeveral(string name, string data)
    {
        await using var nodes = await Nodes.StartAsync(1, null, Policies.Replace("\"events\": {", "\"events\": { \"category.renamed\": [\"category:8\"],", StringComparison.Ordinal));
        nodes.Origin.GetNumbered("/c/8", Numbered.Fresh);
        await nodes.A.FetchAsync("/c/8");

        await nodes.Redis.RunAsync("XADD", "cachegateway:events", "*", "event", "category.saved", "id", "1", "data", """{"id":7}""");
        await nodes.Redis.RunAsync("XADD", "cachegateway:events", "*", "event", name, "id", "1", "data", data);

        await Deadline.Until(async () => (await nodes.A.FetchAsync("/c/8")).Text == "2", "the second one is done");
    }

    private static string Done(string id, string data) => $"event:category.saved:{id}:{Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(data)))}:{Nodes.Digest($"category:{JsonDocument.Parse(data).RootElement.GetProperty("id")}")}";

    private static Task UntilHeard(Nodes nodes, int count) =>
        Deadline.Until(async () => await nodes.Listening("cachegateway:events") == count, "all listen");
}
