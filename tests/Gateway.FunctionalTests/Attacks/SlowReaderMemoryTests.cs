using CacheGateway.FunctionalTests.Promises;
using CacheGateway.FunctionalTests.Speed;

namespace CacheGateway.FunctionalTests.Attacks;

/// <summary>What clients that do not read may hold; alone, because it is the heap of this whole process that is measured.</summary>
[Collection(nameof(MeasuresAllocation))]
public sealed class SlowReaderMemoryTests
{
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
}
