namespace CacheGateway.FunctionalTests.Promises;

/// <summary>The numbers at <c>/metrics</c> are this gateway's own, all of them.</summary>
public sealed class MetricsTests
{
    [Fact]
    public async Task Counter_CountsFromTheFirstRequestOn()
    {
        await using var env = await GatewayEnvironment.StartAsync();
        env.Origin.GetNumbered("/x", Numbered.Fresh);

        await env.GetAsync("/x");

        await env.UntilMetric("cachegateway_stored_total", count => count == 1);
    }

    [Fact]
    public async Task Counter_OfTwoGatewaysInOneProcess_IsKeptApart()
    {
        await using var idle = await GatewayEnvironment.StartAsync();
        await using var busy = await GatewayEnvironment.StartAsync();
        busy.Origin.GetNumbered("/x", Numbered.Fresh);
        Assert.Equal(0, await idle.MetricAsync("cachegateway_stored_total"));
        await busy.MetricAsync("cachegateway_stored_total");

        await busy.GetAsync("/x");

        await busy.UntilMetric("cachegateway_stored_total", count => count == 1);
        Assert.Equal(0, await idle.MetricAsync("cachegateway_stored_total"));
    }

    [Fact]
    public async Task Gauge_OfTwoGatewaysInOneProcess_IsKeptApart()
    {
        await using var busy = await GatewayEnvironment.StartAsync();
        await using var idle = await GatewayEnvironment.StartAsync();
        busy.Origin.GetNumbered("/x", Numbered.Fresh);

        await busy.GetAsync("/x");

        await busy.UntilMetric("cachegateway_memory_entries", count => count == 1);
        Assert.Equal(0, await idle.MetricAsync("cachegateway_memory_entries"));
    }

    [Fact]
    public async Task Metrics_AreNotOnThePublicAddress()
    {
        await using var env = await GatewayEnvironment.StartAsync();
        env.Origin.Get("/metrics", Reply.Ok("the origin's own"));

        Assert.Equal("the origin's own", (await env.GetAsync("/metrics")).Text);
    }
}
