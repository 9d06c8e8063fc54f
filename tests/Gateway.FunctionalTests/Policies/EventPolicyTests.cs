using System.Net;
using System.Text.Json;
using CacheGateway.FunctionalTests.Promises;

namespace CacheGateway.FunctionalTests.Policies;

/// <summary>What a backend's event raises, by the admin API.</summary>
public sealed class EventPolicyTests
{
    private const string Policies = """
        { "policies": { "category": { "match": { "path": "/c/{id}" }, "ttl": "60s", "tags": ["category:{id}"] } },
          "events": { "category.saved": ["category:{id}"] } }
        """;

    [Fact]
    [CoversPolicy("$.events")]
    public async Task Event_RaisesTheTagsOfItsRule_AndNoOthers()
    {
        await using var env = await GatewayEnvironment.StartAsync(Policies);
        env.Origin.GetNumbered("/c/7");
        env.Origin.GetNumbered("/c/8");
        await env.GetAsync("/c/7");
        await env.GetAsync("/c/8");

        using var answer = await env.PostAdminAsync("/api/v2/cache/events", """{"event":"category.saved","data":{"id":7}}""");

        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        Assert.Equal("2", (await env.GetAsync("/c/7")).Text);
        Assert.Equal("1", (await env.GetAsync("/c/8")).Text);
    }

    [Theory]
    [InlineData("nobody.knows", 404)]
    [InlineData("category.saved", 400)]
    public async Task Event_UnknownOrWithoutItsData_IsSaid(string name, int status)
    {
        await using var env = await GatewayEnvironment.StartAsync(Policies);

        using var answer = await env.PostAdminAsync("/api/v2/cache/events", JsonSerializer.Serialize(new { @event = name, data = new { } }));

        Assert.Equal(status, (int)answer.StatusCode);
        Assert.Equal(1, await env.MetricAsync("cachegateway_events_ignored_total"));
    }

    [Fact]
    public async Task Event_FilledInPart_RaisesThatPart_AndNamesTheRest_WithWhoAndWhyInTheAudit()
    {
        await using var env = await GatewayEnvironment.StartAsync("""
            { "policies": { "category": { "match": { "path": "/c/{id}" }, "ttl": "60s", "tags": ["category:{id}"] } },
              "events": { "order.saved": ["category:{id}", "customer:{customer}"] } }
            """);
        env.Origin.GetNumbered("/c/7");
        await env.GetAsync("/c/7");

        using var answer = await env.PostAdminAsync("/api/v2/cache/events", """{"event":"order.saved","data":{"id":7},"sender":"shop"}""");

        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        var receipt = JsonDocument.Parse(await answer.Content.ReadAsStringAsync()).RootElement;
        Assert.Equal("customer:{customer}", Assert.Single(receipt.GetProperty("unfilled").EnumerateArray()).GetString());
        Assert.Equal("2", (await env.GetAsync("/c/7")).Text);
        using var read = await env.AdminAsync("/api/v2/cache/audit");
        var entry = JsonDocument.Parse(await read.Content.ReadAsStringAsync()).RootElement.GetProperty("entries")[0];
        Assert.Equal(("order.saved", "127.0.0.1"), (entry.GetProperty("why").GetString(), entry.GetProperty("who").GetString()));
    }

    [Theory]
    [InlineData("""{"event":"category.saved","event":"category.saved","data":{"id":7}}""")]
    [InlineData("""{"event":"category.saved","data":{"id":7,"id":8}}""")]
    [InlineData("[]")]
    [InlineData("null")]
    [InlineData("{")]
    public async Task Event_ThatSaysTwoThingsOrNone_IsRefused(string body)
    {
        await using var env = await GatewayEnvironment.StartAsync(Policies);

        using var answer = await env.PostAdminAsync("/api/v2/cache/events", body);

        Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
    }
}
