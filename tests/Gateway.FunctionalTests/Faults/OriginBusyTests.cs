using CacheGateway.FunctionalTests.Promises;
using CacheGateway.Hosting;
using CacheGateway.Model;

namespace CacheGateway.FunctionalTests.Faults;

/// <summary>More to do than an origin is given at once: what has no place is refused quickly or answered from the store, and slow clients hold no place for long.</summary>
public sealed class OriginBusyTests
{
    private const string Stale = "Cache-Control: max-age=60, stale-if-error=600";

    [Fact]
    [Fault("F-52", "More requests than the origin is given at once: 503 with Retry-After at once, stale where allowed, and room again when one ends")]
    public async Task OriginBudgetSpent_FastRefusal_StalePreferred()
    {
        await using var env = await StartAsync(settings => settings with { OriginRequests = 2 });
        env.Origin.Get("/old", Reply.Ok("old", Stale));
        env.Origin.Get("/slow/*", Reply.Ok("slow", "Cache-Control: no-store"));
        await env.GetAsync("/old");
        env.Time.AdvanceSeconds(61);
        env.Origin.Hold("/slow/1");
        env.Origin.Hold("/slow/2");
        var under = new[] { env.GetAsync("/slow/1"), env.GetAsync("/slow/2") };
        await env.Origin.Reached("/slow/1");
        await env.Origin.Reached("/slow/2");

        var refused = await env.GetAsync("/other");
        Assert.Equal((503, "origin-busy", "1"), (refused.Status, refused.CacheStatus?.Detail, refused.Header("Retry-After")));
        Assert.Equal("CacheGateway; error=connection_limit_reached", refused.Header("Proxy-Status"));
        Assert.StartsWith("application/problem+json", refused.Header("Content-Type"), StringComparison.Ordinal);
        CacheAssert.Hit(await env.GetAsync("/old"), Reason.StaleIfError);
        Assert.Equal(0, env.Origin.Requests("/other"));

        env.Origin.Release("/slow/1");
        env.Origin.Release("/slow/2");
        Assert.All(await Task.WhenAll(under), answer => Assert.Equal("slow", answer.Text));
        Assert.NotEqual(503, (await env.GetAsync("/other")).Status);
    }

    [Fact]
    [Fault("F-52", "Clients that send bodies slowly take half of what the origin is given at once, and no more: others are answered")]
    public async Task SlowUploads_LeaveRoomForOthers()
    {
        await using var env = await StartAsync(settings => settings with { OriginRequests = 4 });
        env.Origin.Get("/x", Reply.Ok("x", "Cache-Control: no-store"));
        env.Origin.On("POST", "/up", Reply (_) => Reply.Ok("taken"));
        var uploads = new List<RawClient>();
        for (var i = 0; i < 4; i++)
        {
            uploads.Add(await env.ConnectAsync());
            await uploads[i].SendAsync("POST", "/up", ["Content-Length: 10"]);
            if (i < 2)
            {
                await env.Origin.Reached("/up", i + 1);
            }
        }

        Assert.Equal("origin-busy", (await uploads[3].ReadAsync("POST")).CacheStatus?.Detail);
        Assert.Equal("x", (await env.GetAsync("/x")).Text);
        await uploads[0].SendAsync("0123456789");
        Assert.Equal("taken", (await uploads[0].ReadAsync("POST")).Text);
        uploads.ForEach(client => client.Abort());
    }

    [Fact]
    [Fault("F-52", "Clients that do not read what they are sent hold no place: when there is none left, they give up theirs, and read on when they like")]
    public async Task SlowReaders_LeaveRoomForOthers()
    {
        await using var env = await StartAsync(settings => settings with { OriginRequests = 2 });
        // Longer than what sockets hold.
        var film = new byte[64 * 1024 * 1024];
        env.Origin.Get("/film", Reply.Bytes(film, "Cache-Control: no-store"));
        env.Origin.Get("/x", Reply.Ok("x", "Cache-Control: no-store"));
        var readers = new List<RawClient>();
        for (var i = 0; i < 2; i++)
        {
            readers.Add(await env.ConnectAsync());
            await readers[i].SendAsync("GET", "/film", ["Authorization: Basic YTpi"]);
            await readers[i].ReadHeadAsync();
        }

        Assert.Equal("origin-busy", (await env.GetAsync("/x")).CacheStatus?.Detail);
        await Deadline.Until(
            async () =>
            {
                env.Time.AdvanceSeconds(1.1);
                return (await env.GetAsync("/x")).Text == "x";
            },
            "a place");
        Assert.InRange(await env.MetricAsync("cachegateway_origin_under_way"), 0, 2);
        await Deadline.Within(readers[0].Reader.CopyExactlyAsync(film.Length, Stream.Null), "the whole film");
        readers.ForEach(client => client.Abort());
        await env.UntilMetric("cachegateway_origin_under_way", count => count == 0);
    }

    /// <summary>A second try of one who was impatient finds the answer; but what is fetched for nobody takes neither the places at the origin nor those of fetches that may be shared.</summary>
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    [Fault("F-52", "Clients that ask for what is slow and leave: an eighth of what the origin is given at once goes on for nobody and is stored, the rest is given up, and others are answered, by one fetch for all who want the same")]
    public async Task ClientsThatLeave_LeaveRoomForOthers(bool isOriginSmall)
    {
        const int Most = 16;
        await using var env = await StartAsync(settings => isOriginSmall ? settings with { OriginRequests = Most } : settings with { MaxFills = Most });
        env.Origin.Get("/*", Reply.Ok("x", Numbered.Fresh));
        var slow = Enumerable.Range(0, Most).Select(i => $"/slow/{i}").ToArray();
        foreach (var target in slow)
        {
            env.Origin.Hold(target);
            await using var client = await env.ConnectAsync();
            await client.SendAsync("GET", target, []);
            await env.Origin.Reached(target);
            client.Abort();
        }

        await env.UntilMetric("cachegateway_fill_under_way", count => count == Most / 8);
        env.Origin.Hold("/hot");
        var hot = Enumerable.Range(0, 3).Select(_ => env.GetAsync("/hot")).ToArray();
        await env.UntilMetric("cachegateway_fill_waiting", count => count == 2);
        env.Origin.Release("/hot");

        Assert.All(await Task.WhenAll(hot), answer => Assert.Equal("x", answer.Text));
        Assert.Equal(1, env.Origin.Requests("/hot"));
        Assert.Equal(0, await env.MetricAsync("cachegateway_origin_failures_total"));
        Array.ForEach(slow, env.Origin.Release);
        await env.UntilMetric("cachegateway_fill_under_way", count => count == 0);
        var second = await Task.WhenAll(slow.Select(target => env.GetAsync(target, "Cache-Control: only-if-cached")));
        Assert.Equal(Most / 8, second.Count(answer => answer.Status == 200));
    }

    [Fact]
    [Fault("F-34", "More wait for one key than allowed: the surplus is answered 503 at once, those who wait get the answer")]
    public async Task WaitersOverTheLimit_AreRefused()
    {
        await using var env = await StartAsync(settings => settings with { MaxWaiters = 3 });
        env.Origin.Get("/x", Reply.Ok("x", Numbered.Fresh));
        env.Origin.Hold("/x");
        var first = env.GetAsync("/x");
        await env.Origin.Reached("/x");
        var others = new[] { env.GetAsync("/x"), env.GetAsync("/x") };
        await env.UntilMetric("cachegateway_fill_waiting", count => count == 2);

        Assert.Equal(503, (await env.GetAsync("/x")).Status);
        env.Origin.Release("/x");

        Assert.All(await Task.WhenAll([first, .. others]), answer => Assert.Equal("x", answer.Text));
        Assert.Equal(1, env.Origin.Requests("/x"));
    }

    private static Task<GatewayEnvironment> StartAsync(Func<GatewaySettings, GatewaySettings> settings) =>
        GatewayEnvironment.StartAsync(new EnvironmentOptions { Settings = settings });
}
