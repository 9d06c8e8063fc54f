using CacheGateway.FunctionalTests.Promises;
using CacheGateway.FunctionalTests.Speed;

namespace CacheGateway.FunctionalTests.Attacks;

/// <summary>What clients that do not read may hold; alone, because it is the heap of this whole process that is measured.</summary>
[Collection(nameof(MeasuresAllocation))]
public sealed class SlowReaderMemoryTests
{
    private const string LeftOver = "cachegateway_memory_left_over_bytes";

    [Fact]
    [Attack("E02", "Bodies that drip in, readers that drip out")]
    public async Task ReadersThatDoNotRead_ShareOneBody()
    {
        await using var env = await GatewayEnvironment.StartAsync();
        var body = new byte[8 * 1024 * 1024];
        env.Origin.Get("/big", Reply.Bytes(body, Numbered.Fresh));
        await env.GetAsync("/big", "Host: gw.test");
        var before = GC.GetTotalMemory(forceFullCollection: true);
        var idle = await Task.WhenAll(Enumerable.Range(0, 40).Select(_ => env.ConnectAsync()));
        foreach (var client in idle)
        {
            await client.SendAsync("GET", "/big", ["Host: gw.test"]);
            await client.ReadHeadAsync();
        }

        var held = GC.GetTotalMemory(forceFullCollection: true) - before;

        // Forty copies would be 320 MiB. What each connection may buffer is the server's affair (64 KiB), and the test's own buffers count too.
        Assert.InRange(held, long.MinValue, 40 * 1024 * 1024);
        Assert.Equal(body.Length, (await env.GetAsync("/big", "Host: gw.test")).Body.Length);
        foreach (var client in idle)
        {
            client.Abort();
        }
    }

    /// <summary>What is dropped while they have still to read it counts as memory, and what small things are stored besides goes on being stored.</summary>
    [Fact]
    [Attack("E02", "Bodies that drip in, readers that drip out")]
    public async Task ReadersThatDoNotRead_OfBodiesThatAreDropped_CountAgainstTheMemory()
    {
        const long Memory = 64 * 1024 * 1024;
        await using var env = await GatewayEnvironment.StartAsync(new EnvironmentOptions { Settings = settings => settings with { MemoryBytes = Memory } });
        // As large as memory takes, and longer than what sockets hold.
        var body = new byte[7 * 1024 * 1024];
        env.Origin.Get("/big/*", Reply.Bytes(body, Numbered.Fresh));
        env.Origin.Get("/small", Reply.Ok("small", Numbered.Fresh));
        var idle = await Task.WhenAll(Enumerable.Range(0, 24).Select(_ => env.ConnectAsync()));
        var stored = 0;
        foreach (var (i, client) in idle.Index())
        {
            await client.SendAsync("GET", $"/big/{i}", ["Host: gw.test"]);
            var (_, headers) = await client.ReadHeadAsync();
            stored += headers.Joined("Cache-Status")!.Contains("; stored", StringComparison.Ordinal) ? 1 : 0;
            await env.UntilMetric("cachegateway_fill_held_bytes", bytes => bytes <= (i + 1 - stored) * 1024 * 1024);
        }

        // Each that is stored is held whole by its client, whatever becomes of it; all of them would be 168 MiB.
        Assert.InRange(stored * (long)body.Length, Memory / 2, Memory * 3 / 2);
        await env.UntilMetric(LeftOver, bytes => bytes >= body.Length);
        await env.GetAsync("/small", "Host: gw.test");
        CacheAssert.Hit(await env.GetAsync("/small", "Host: gw.test"));

        foreach (var client in idle)
        {
            client.Abort();
        }

        await env.UntilMetric(LeftOver, bytes => bytes == 0);
        await env.UntilMetric("cachegateway_fill_held_bytes", bytes => bytes == 0);
        await env.GetAsync("/big/new", "Host: gw.test");
        CacheAssert.Hit(await env.GetAsync("/big/new", "Host: gw.test"));
    }

    /// <summary>The same where it came from the store: a newer one takes its place while a client has still to read it.</summary>
    [Fact]
    [Attack("E02", "Bodies that drip in, readers that drip out")]
    public async Task HitThatIsNotRead_CountsAgainstTheMemory_WhereItIsReplaced()
    {
        await using var env = await GatewayEnvironment.StartAsync();
        var (first, second) = (new byte[12 * 1024 * 1024], new byte[1024]);
        env.Origin.Get("/x", Reply.Bytes(first, Numbered.Fresh), Reply.Bytes(second, Numbered.Fresh));
        await env.GetAsync("/x", "Host: gw.test");
        await using var idle = await env.ConnectAsync();
        await idle.SendAsync("GET", "/x", ["Host: gw.test"]);
        var (_, headers) = await idle.ReadHeadAsync();
        Assert.Contains("; hit", headers.Joined("Cache-Status"), StringComparison.Ordinal);
        env.Time.AdvanceSeconds(61);

        Assert.Equal(second, (await env.GetAsync("/x", "Host: gw.test")).Body);
        await env.UntilMetric(LeftOver, bytes => bytes == first.Length);

        idle.Abort();
        await env.UntilMetric(LeftOver, bytes => bytes == 0);
    }
}
