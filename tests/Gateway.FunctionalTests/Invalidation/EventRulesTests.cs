using CacheGateway.FunctionalTests.Promises;
using CacheGateway.FunctionalTests.Redis;
using CacheGateway.Invalidation.Redis;
using Microsoft.Extensions.DependencyInjection;
using StackExchange.Redis;

namespace CacheGateway.FunctionalTests.Invalidation;

/// <summary>Gateways that share a Redis and have other rules for the same events, as all through a rolling deploy.</summary>
public sealed class EventRulesTests
{
    private const string Policies = """
        {
          "policies": { "x": { "match": { "path": "/c/{id}" }, "ttl": "1h", "tags": ["category:{id}"] } },
          "events": { "category.saved": ["category:{id}"] }
        }
        """;

    private const string WithoutEvents = """
        { "policies": { "x": { "match": { "path": "/c/{id}" }, "ttl": "1h", "tags": ["category:{id}"] } } }
        """;

    private const string OlderRule = """
        {
          "policies": { "x": { "match": { "path": "/c/{id}" }, "ttl": "1h", "tags": ["category:{id}"] } },
          "events": { "category.saved": ["categories"] }
        }
        """;

    [Theory]
    [InlineData(WithoutEvents)]
    [InlineData(OlderRule)]
    public async Task GatewaysWithOtherRules_PassNothingOverThatTheseName(string others)
    {
        const int Events = 12;
        await using var nodes = await Nodes.StartAsync(1, null, others);
        var newer = await nodes.AddAsync(policies: Policies);
        for (var id = 1; id <= Events; id++)
        {
            nodes.Origin.GetNumbered($"/c/{id}", Numbered.Fresh);
            await newer.FetchAsync($"/c/{id}");
        }

        for (var id = 1; id <= Events; id++)
        {
            var entry = (string?)await nodes.Redis.RunAsync("XADD", "cachegateway:events", "*", "event", "category.saved", "data", $"{{\"id\":{id}}}");
            await UntilPassed(nodes, entry!);
        }

        for (var id = 1; id <= Events; id++)
        {
            await Deadline.Until(async () => (await newer.FetchAsync($"/c/{id}")).Text == "2", $"event {id} is done by the rules that name it");
        }
    }

    /// <summary>A balancer gives a webhook to any of them, and the one that gets it may have no rule for it, or an older one.</summary>
    [Theory]
    [InlineData(WithoutEvents)]
    [InlineData(OlderRule)]
    public async Task EventThatAGatewayWithOtherRulesIsTold_ReachesThoseThatNameMore(string others)
    {
        await using var nodes = await Nodes.StartAsync(1, null, others);
        var newer = await nodes.AddAsync(policies: Policies);
        nodes.Origin.GetNumbered("/c/7", Numbered.Fresh);
        nodes.Origin.GetNumbered("/c/8", Numbered.Fresh);
        await newer.FetchAsync("/c/7");
        await newer.FetchAsync("/c/8");

        using var told = await nodes.A.PostAdminAsync("/api/v2/cache/events", """{"event":"category.saved","data":{"id":7}}""");

        await Deadline.Until(async () => (await newer.FetchAsync("/c/7")).Text == "2", "it is done by the rules that name it");
        Assert.Equal("1", (await newer.FetchAsync("/c/8")).Text);
    }

    /// <summary>Each of several deployments before one backend clears for itself alone, whatever their rules.</summary>
    [Fact]
    public async Task EventThatOneDeploymentIsTold_ReachesTheOthersWithTheSameRules()
    {
        await using var nodes = await Nodes.StartAsync(2, settings => settings with { DeploymentId = settings.Node == "a" ? "test" : "other" }, Policies);
        nodes.Origin.GetNumbered("/c/7", Numbered.Fresh);
        nodes.Origin.GetNumbered("/c/8", Numbered.Fresh);
        foreach (var target in (string[])["/c/7", "/c/8"])
        {
            await nodes.B.FetchAsync(target);
        }

        using var told = await nodes.A.PostAdminAsync("/api/v2/cache/events", """{"event":"category.saved","data":{"id":7}}""");

        await Deadline.Until(async () => (await nodes.B.FetchAsync("/c/7")).Text == "2", "the other deployment has done it");
        Assert.Equal("1", (await nodes.B.FetchAsync("/c/8")).Text);
    }

    /// <summary>Those with the same rules have dealt with it by then.</summary>
    [Fact]
    public async Task EventThatAGatewayIsTold_IsRaisedOnceByEqualRules()
    {
        await using var nodes = await Nodes.StartAsync(2, null, Policies);
        nodes.Origin.GetNumbered("/c/7", Numbered.Fresh);
        await nodes.B.FetchAsync("/c/7");

        using var told = await nodes.A.PostAdminAsync("/api/v2/cache/events", """{"event":"category.saved","data":{"id":7}}""");
        Assert.Equal("2", (await nodes.B.FetchAsync("/c/7")).Text);
        await UntilPassed(nodes, (string)((RedisResult[])((RedisResult[])await nodes.Redis.RunAsync("XREVRANGE", "cachegateway:events", "+", "-", "COUNT", "1"))![0]!)[0]!);

        Assert.Equal("2", (await nodes.B.FetchAsync("/c/7")).Text);
        Assert.Equal(1, (long)await nodes.Redis.RunAsync("XLEN", "test:{fence}:audit"));
    }

    [Fact]
    public async Task EventsPublishedWhileTheOnlyGatewayWithTheirRuleWasAway_AreReadWhenItIsBack()
    {
        await using var nodes = await Nodes.StartAsync(1, null, WithoutEvents);
        var others = await nodes.EventPlaceAsync();
        var newer = await nodes.AddAsync(policies: Policies);
        nodes.Origin.GetNumbered("/c/7", Numbered.Fresh);
        await newer.FetchAsync("/c/7");
        await newer.UntilWrittenAsync(1);
        await nodes.EventPlaceAsync(others);
        await newer.StopGatewayAsync();

        // Others are far ahead of it.
        var now = await nodes.Redis.ClockAsync();
        await AddAsync(50, """{"id":7}""");
        await UntilPassed(nodes, await AddAsync(20, """{"id":8}"""));
        var late = await nodes.AddAsync(policies: Policies);

        await Deadline.Until(async () => (await late.FetchAsync("/c/7")).Text == "2", "it goes on where it was");

        async Task<string> AddAsync(int secondsAgo, string data) => (string)(await nodes.Redis.RunAsync(
            "XADD", "cachegateway:events", $"{now.AddSeconds(-secondsAgo).ToUnixTimeMilliseconds()}-0", "event", "category.saved", "data", data))!;
    }

    [Fact]
    public async Task EventWithAnId_IsDoneOnceForEachThatItRaises()
    {
        await using var nodes = await Nodes.StartAsync(1, null, OlderRule);
        var newer = await nodes.AddAsync(policies: Policies);
        nodes.Origin.GetNumbered("/c/7", Numbered.Fresh);
        await newer.FetchAsync("/c/7");

        foreach (var node in (GatewayEnvironment[])[nodes.A, newer, nodes.A, newer])
        {
            using var taken = await node.PostAdminAsync("/api/v2/cache/events", """{"event":"category.saved","id":"one","data":{"id":7}}""");
            Assert.True(taken.IsSuccessStatusCode);
        }

        Assert.Equal("2", (await newer.FetchAsync("/c/7")).Text);
        Assert.Equal(2, (long)await nodes.Redis.RunAsync("XLEN", "test:{fence}:audit"));
    }

    /// <summary>The file may change while Redis takes the event: those with the rules of before leave to this gateway what these name.</summary>
    [Fact]
    public async Task RulesThatChangeWhileAnEventIsPassedOn_AreThoseThatItIsDoneBy()
    {
        await using var nodes = await Nodes.StartAsync(1, builder => builder.Services.AddSingleton(new BusLimits { CallTimeout = TimeSpan.FromSeconds(20) }), Policies);
        await using var way = FaultProxy.Before(nodes.Redis.Port);
        var told = await nodes.AddAsync(way.Address);
        nodes.Origin.GetNumbered("/c/7", Numbered.Fresh);
        await nodes.A.FetchAsync("/c/7");

        way.ToClient.Hold();
        var answering = told.PostAdminAsync("/api/v2/cache/events", """{"event":"category.saved","data":{"id":7}}""");
        await Deadline.Until(async () => (long)await nodes.Redis.RunAsync("XLEN", "cachegateway:events") == 1, "Redis has it");
        await told.ChangePoliciesAsync(WithoutEvents);
        way.ToClient.Release();

        using var answer = await answering;
        Assert.True(answer.IsSuccessStatusCode, $"{answer.StatusCode}");
        await Deadline.Until(async () => (await nodes.A.FetchAsync("/c/7")).Text == "2", "it is done by the rules that it was passed on as done by");
    }

    private static Task UntilPassed(Nodes nodes, string id) =>
        Deadline.Until(async () => (string?)await nodes.Redis.RunAsync("HGET", "test:{fence}:state", "cursor") == id, $"somebody has read {id}");
}
