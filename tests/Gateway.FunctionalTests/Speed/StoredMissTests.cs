namespace CacheGateway.FunctionalTests.Speed;

public sealed class StoredMissTests
{
    private const int Requests = 500;

    /// <summary>
    /// Its fetch is one of its own, and yet nobody is woken for it more often than for a request that only passes: it starts and ends on threads that are
    /// at work anyway. Counted in a process of its own; each wake more would be one work item more a request.
    /// </summary>
    [Fact]
    public async Task Miss_ThatIsStored_WakesNobodyMore_ThanOneThatPasses()
    {
        await using var origin = ScriptedOrigin.Start(TimeProvider.System);
        // In one piece each, as small answers come.
        origin.Get("/stored/*", Answer("max-age=60"));
        origin.Get("/passed", Answer("no-store"));
        await using var gateway = await GatewayProcess.StartAsync(origin.Address);
        await using var client = await gateway.ConnectAsync();

        var passed = await WorkItemsAsync(_ => "/passed");
        var stored = await WorkItemsAsync(i => $"/stored/{i}");

        Assert.Equal(Requests, await gateway.MetricAsync("cachegateway_memory_entries"));
        Assert.True(stored < passed + (Requests / 2), $"{stored} work items for {Requests} stored, {passed} for as many that passed");

        async Task<double> WorkItemsAsync(Func<int, string> target)
        {
            Assert.Equal("x", (await client.GetAsync("/passed")).Text);
            var before = await gateway.MetricAsync("dotnet_thread_pool_work_item_count_total");
            for (var i = 0; i < Requests; i++)
            {
                Assert.Equal("x", (await client.GetAsync(target(i))).Text);
            }

            return await gateway.MetricAsync("dotnet_thread_pool_work_item_count_total") - before;
        }
    }

    private static Reply Answer(string cacheControl) =>
        Reply.Exactly($"HTTP/1.1 200 OK\r\nCache-Control: {cacheControl}\r\nContent-Length: 1\r\n\r\nx", ReplyEnding.KeepAlive);
}
