using System.Net;
using System.Text.Json;

namespace CacheGateway.FunctionalTests.Invalidation;

/// <summary>A receipt says what was raised: what was named, what the cascade adds, and nothing that is secret.</summary>
public sealed class ReceiptScopeTests
{
    private const string Policies = """
        {
          "policies": { "x": { "match": { "path": "/c/{id}" }, "ttl": "1h", "tags": ["category:{id}"], "key": { "query": { "ignore": ["utm_*"] } } } },
          "events": { "category.saved": ["category:{id}"] },
          "cascade": { "category:{id}": ["menu"] }
        }
        """;

    [Theory]
    [InlineData("""{"tags":["category:7"]}""", """{"tags":["category:7","menu"]}""")]
    [InlineData("""{"tags":["category:7","b"],"match":"all"}""", """{"tags":["b","category:7"],"match":"all"}""")]
    [InlineData("""{"policies":["x"],"soft":true}""", """{"policies":["x"],"soft":true}""")]
    [InlineData("""{"prefixes":["/c/","http://h/me@home.test/x?key=S"]}""", """{"prefixes":["/c/","http://h/…/x?key=…"]}""")]
    [InlineData("""{"urls":["/c/7?utm_a=S&q=S","/d"]}""", """{"urls":["/c/7?utm_a=…&q=…","/c/7?q=…","/d"]}""")]
    [InlineData("""{"all":true,"reason":"SECRET"}""", """{"all":true}""")]
    public async Task Receipt_NamesWhatWasRaised_AndHidesWhatIsSecret(string order, string scope)
    {
        await using var env = await GatewayEnvironment.StartAsync(Policies);

        using var answer = await env.PostAdminAsync("/api/v2/cache/invalidate", order);

        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        AssertScope(scope, await answer.Content.ReadAsStringAsync());
    }

    [Fact]
    public async Task Receipt_OfAnEvent_NamesTheTagsOfItsRule_AndOnceItIsDoneNothing()
    {
        await using var env = await GatewayEnvironment.StartAsync(Policies);
        const string Event = """{"event":"category.saved","id":"e1","data":{"id":7}}""";

        using var answer = await env.PostAdminAsync("/api/v2/cache/events", Event);
        using var again = await env.PostAdminAsync("/api/v2/cache/events", Event);

        AssertScope("""{"tags":["category:7","menu"]}""", await answer.Content.ReadAsStringAsync());
        Assert.Equal(HttpStatusCode.OK, again.StatusCode);
        Assert.DoesNotContain("scope", await again.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Receipt_WithRedis_HasItToo_DurableOrNot()
    {
        await using var nodes = await Nodes.StartAsync(1, policies: Policies);

        var (_, durable) = await nodes.RaiseAsync(new { tags = (string[])["category:7"] });
        nodes.Redis.Pause();
        var (status, local) = await nodes.RaiseAsync(new { tags = (string[])["category:7"], wait = "local" });
        nodes.Redis.Resume();

        Assert.Equal((202, false), (status, local.GetProperty("durable").GetBoolean()));
        Assert.All([durable, local], receipt => AssertScope("""{"tags":["category:7","menu"]}""", receipt.GetRawText()));
    }

    private static void AssertScope(string expected, string receipt)
    {
        var scope = JsonDocument.Parse(receipt).RootElement.GetProperty("scope");
        Assert.True(JsonElement.DeepEquals(JsonDocument.Parse(expected).RootElement, scope), scope.GetRawText());
    }
}
