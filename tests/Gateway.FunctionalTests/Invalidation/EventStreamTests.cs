using System.Net.Http.Json;
using System.Text.Json;
using CacheGateway.FunctionalTests.Promises;
using CacheGateway.FunctionalTests.Redis;

namespace CacheGateway.FunctionalTests.Invalidation;

/// <summary>The stream of events itself: its name, its length, and a Redis that does not take what a gateway adds.</summary>
public sealed class EventStreamTests
{
    private const string Events = "cachegateway:events";

    private const string Policies = """
        {
          "policies": { "x": { "match": { "path": "/c/{id}" }, "ttl": "1h", "tags": ["category:{id}"] } },
          "events": { "category.saved": ["category:{id}"] }
        }
        """;

    [Theory]
    [InlineData("XADD", "shop:events", "*", "event", "category.saved", "data", """{"id":7}""")]
    [InlineData("PUBLISH", "shop:events", """{"event":"category.saved","data":{"id":7}}""")]
    public async Task ChannelOfAnotherName_IsReadInPlaceOfTheUsual(params string[] command)
    {
        await using var nodes = await Nodes.StartAsync(1, settings => settings with { EventsChannel = "shop:events" }, Policies);
        nodes.Origin.GetNumbered("/c/7", Numbered.Fresh);
        await nodes.A.FetchAsync("/c/7");
        await Deadline.Until(async () => await nodes.Listening("shop:events") == 1, "it listens");

        await nodes.Redis.RunAsync(command[0], [.. command[1..]]);

        await Deadline.Until(async () => (await nodes.A.FetchAsync("/c/7")).Text == "2", "it is heard");
        Assert.Equal(0, await nodes.Listening(Events));
    }

    [Fact]
    public async Task EventPassedOn_StandsInTheStreamOfTheGivenName()
    {
        await using var nodes = await Nodes.StartAsync(1, settings => settings with { EventsChannel = "shop:events" }, Policies);

        using var told = await nodes.A.PostAdminAsync("/api/v2/cache/events", """{"event":"category.saved","data":{"id":7}}""");

        Assert.Equal(1, (long)await nodes.Redis.RunAsync("XLEN", "shop:events"));
        Assert.Equal(0, (long)await nodes.Redis.RunAsync("XLEN", Events));
    }

    /// <summary>As many as backends are told to keep: who adds one must not take away what others may still have to read.</summary>
    [Fact]
    public async Task EventPassedOn_LeavesAHundredThousand()
    {
        await using var nodes = await Nodes.StartAsync(1, null, Policies);
        await nodes.Redis.RunAsync("EVAL", "for i = 1, 101500 do redis.call('XADD', KEYS[1], '*', 'event', 'nobody.knows') end", 1, Events);

        using var told = await nodes.A.PostAdminAsync("/api/v2/cache/events", """{"event":"category.saved","data":{"id":7}}""");

        Assert.InRange((long)await nodes.Redis.RunAsync("XLEN", Events), 100_000, 100_100);
    }

    /// <summary>Gateways with other rules never hear of it, and who is told "200" would not know.</summary>
    [Fact]
    public async Task EventThatCannotBePassedOn_IsNotToldAsDoneEverywhere()
    {
        await using var nodes = await Nodes.StartAsync(1, WebhookTests.WithWebhook, Policies);
        nodes.Origin.GetNumbered("/c/7", Numbered.Fresh);
        await nodes.A.FetchAsync("/c/7");
        await nodes.Redis.RunAsync("LPUSH", Events, "x");

        using var told = await nodes.A.PostAdminAsync("/api/v2/cache/events", """{"event":"category.saved","data":{"id":7}}""");
        Assert.Equal((202, true, "?"), Read((int)told.StatusCode, await told.Content.ReadFromJsonAsync<JsonElement>()));
        Assert.Equal("2", (await nodes.A.FetchAsync("/c/7")).Text);

        var hooked = await WebhookTests.PostAsync(nodes.A, """{"event":"category.saved","data":{"id":7}}""", at: DateTimeOffset.UtcNow);
        Assert.Equal((202, true, "?"), Read(hooked.Status, JsonDocument.Parse(hooked.Text).RootElement));
        Assert.Equal("3", (await nodes.A.FetchAsync("/c/7")).Text);

        var ignored = await WebhookTests.PostAsync(nodes.A, """{"event":"nobody.knows"}""", id: "m2", at: DateTimeOffset.UtcNow);
        Assert.Equal(202, ignored.Status);
        Assert.True(JsonDocument.Parse(ignored.Text).RootElement.GetProperty("ignored").GetBoolean());

        static (int Status, bool IsDurable, string? Missing) Read(int status, JsonElement receipt) =>
            (status, receipt.GetProperty("durable").GetBoolean(), string.Join(' ', receipt.GetProperty("missing").EnumerateArray()));
    }
}
