using System.Diagnostics;
using CacheGateway.FunctionalTests.Policies;
using CacheGateway.FunctionalTests.Promises;
using CacheGateway.FunctionalTests.Redis;
using CacheGateway.Model;

namespace CacheGateway.FunctionalTests.Invalidation;

/// <summary>What a single policy says about other nodes.</summary>
public sealed class PolicyWaitTests
{
    /// <summary>A write waits two seconds for a node that says nothing.</summary>
    private static readonly TimeSpan WaitsAtLeast = TimeSpan.FromSeconds(1.9);

    [Fact]
    [CoversPolicy("maxBlind")]
    public async Task MaxBlind_OfAPolicy_OnlyLowersTheGateways()
    {
        const string Policies = """
            { "policies": {
                "short": { "match": { "path": "/short" }, "ttl": "1h", "maxBlind": "1s" },
                "long": { "match": { "path": "/long" }, "ttl": "1h", "maxBlind": "1h" } } }
            """;
        await using var nodes = await Nodes.StartAsync(1, settings => settings with { MaxBlind = TimeSpan.FromSeconds(10) }, Policies);
        nodes.Origin.GetNumbered("/*");
        await nodes.A.FetchAsync("/short");
        await nodes.A.FetchAsync("/long");

        nodes.Redis.Pause();
        RawResponse? answer = null;
        await Deadline.Until(async () => (answer = await nodes.A.FetchAsync("/short")).CacheStatus is { IsHit: false }, "blind for the one");
        CacheAssert.Miss(answer!, Reason.Blind);
        CacheAssert.Hit(await nodes.A.FetchAsync("/long"));
        await Deadline.Until(async () => (answer = await nodes.A.FetchAsync("/long")).CacheStatus is { IsHit: false }, "blind for the other");
        CacheAssert.Miss(answer!, Reason.Blind);
        nodes.Redis.Resume();
    }

    [Theory]
    [CoversPolicy("invalidateWait")]
    [InlineData("local", false)]
    [InlineData("all", true)]
    public async Task InvalidateWait_OfAWrite_IsBounded(string wait, bool waits)
    {
        await using var nodes = await Nodes.StartAsync(1, null, $$"""
            { "policies": { "all": { "match": { "path": "/{*rest}" }, "ttl": "1h", "tags": ["t"], "invalidates": ["t"], "invalidateWait": "{{wait}}" } } }
            """);
        nodes.Origin.On("POST", "/write", _ => Reply.Of(201, "made"));

        if (waits)
        {
            Assert.True(await WaitsAsync(), "it was answered before the wait was over");
        }
        else
        {
            // A busy machine may be slow once; who waits is slow each time.
            await Deadline.Until(async () => !await WaitsAsync(), "a write that waits for nobody");
        }

        async Task<bool> WaitsAsync()
        {
            // A node that will never say that it has applied anything.
            var now = (string[])(await nodes.Redis.RunAsync("TIME"))!;
            await nodes.Redis.RunAsync("HSET", "test:{fence}:nodes", "elsewhere/1/1", $"{now[0]}000000 0 0 silent");
            var started = Stopwatch.GetTimestamp();
            var answer = await nodes.A.WriteAsync("/write");
            Assert.Equal((201, "made"), (answer.Status, answer.Text));
            return Stopwatch.GetElapsedTime(started) > WaitsAtLeast;
        }
    }

    [Fact]
    public async Task InvalidateWait_All_EveryNodeHasItWhenTheClientHasItsAnswer()
    {
        await using var nodes = await Nodes.StartAsync(3, null, """
            { "policies": { "all": { "match": { "path": "/{*rest}" }, "ttl": "1h", "tags": ["t"], "invalidates": ["t"], "invalidateWait": "all" } } }
            """);
        var version = 1;
        nodes.Origin.Get("/x", _ => Reply.Ok($"{Volatile.Read(ref version)}"));
        nodes.Origin.On("POST", "/write", _ => Reply.Of(201, $"{Interlocked.Increment(ref version)}"));
        var late = 0;
        for (var round = 1; round <= 20; round++)
        {
            await nodes.AllAnswer("/x", $"{round}");
            var started = Stopwatch.GetTimestamp();
            Assert.Equal(201, (await nodes.A.WriteAsync("/write")).Status);
            if (Stopwatch.GetElapsedTime(started) > WaitsAtLeast)
            {
                // The machine stood still: nobody is waited for any longer, and nothing is promised.
                late++;
                await Deadline.Until(
                    async () => (await Task.WhenAll(new[] { nodes.A, nodes.B, nodes.C }.Select(node => node.FetchAsync("/x")))).All(answer => answer.Text == $"{round + 1}"),
                    "all have it in the end");
            }

            await nodes.AllAnswer("/x", $"{round + 1}");
        }

        Assert.InRange(late, 0, 5);
    }
}
