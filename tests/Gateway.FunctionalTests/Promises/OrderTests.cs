using System.Text;
using CacheGateway.FunctionalTests.Redis;
using CacheGateway.Model;

namespace CacheGateway.FunctionalTests.Promises;

/// <summary>Who was served the newer of two answers is not served the older one afterwards, whichever of their fetches ends last.</summary>
public sealed class OrderTests
{
    [Fact]
    public async Task SlowFetch_EndingAfterANewerOne_DoesNotReplaceIt()
    {
        await using var env = await GatewayEnvironment.StartAsync(new EnvironmentOptions { Profile = CacheProfile.Rfc9111 });
        var gate = new Gate();
        env.Origin.Get("/x", request => request.PathNumber == 2
            ? Reply.Chunked(["2", gate, " (slow)"], Numbered.Fresh)
            : Reply.Ok($"{request.PathNumber}", Numbered.Fresh));
        await env.GetAsync("/x");
        await using var slow = await env.ConnectAsync();
        await slow.SendAsync("GET", "/x", ["Cache-Control: no-cache"]);
        await slow.ReadHeadAsync();
        env.Time.AdvanceSeconds(1);

        var newer = await env.GetAsync("/x", "Cache-Control: no-cache");
        gate.Open();
        Assert.Equal("2 (slow)", await WholeAsync(slow));
        await Deadline.Until(async () => await env.MetricAsync("cachegateway_fill_under_way") == 0, "the end of both fetches");
        var later = await env.GetAsync("/x");

        Assert.Equal("3", newer.Text);
        CacheAssert.Hit(later, Reason.Fresh);
        Assert.Equal("3", later.Text);
    }

    [Fact]
    public async Task SlowFetch_EndingAfterANewerAnswerCameFromAnotherGateway_DoesNotReplaceIt()
    {
        await using var redis = await RedisServer.StartAsync();
        await using var a = await RedisGateways.StartAsync(redis);
        await using var b = await RedisGateways.StartAsync(redis, a);
        var gate = new Gate();
        a.Origin.Get("/x", request => request.PathNumber == 1
            ? Reply.Chunked(["1", gate, " (slow)"], Numbered.Fresh)
            : Reply.Ok($"{request.PathNumber}", Numbered.Fresh));
        await a.UntilConnectedAsync();
        await b.UntilConnectedAsync();
        await using var slow = await a.ConnectAsync();
        await slow.SendAsync("GET /x HTTP/1.1\r\nHost: shared.test\r\n\r\n");
        await slow.ReadHeadAsync();
        // Which of two answers is newer is told across machines by Redis' clock, to some milliseconds: these are not of one moment.
        var head = await redis.ClockAsync();
        await Deadline.Until(async () => await redis.ClockAsync() - head > TimeSpan.FromMilliseconds(100), "Redis' clock goes on");

        await b.FetchAsync("/x");
        await b.UntilWrittenAsync(1);
        var newer = await a.FetchAsync("/x");
        gate.Open();
        Assert.Equal("1 (slow)", await WholeAsync(slow));
        await Deadline.Until(async () => await a.MetricAsync("cachegateway_fill_under_way") == 0, "the end of the slow fetch");
        var later = await a.FetchAsync("/x");

        Assert.Equal("2", newer.Text);
        CacheAssert.Hit(later, Reason.Fresh);
        Assert.Equal("2", later.Text);
    }

    [Fact]
    public async Task SlowHead_OfWhatWasReplacedMeanwhile_DoesNotBringItBack()
    {
        await using var env = await GatewayEnvironment.StartAsync(new EnvironmentOptions { Profile = CacheProfile.Rfc9111 });
        var gate = new Gate();
        env.Origin.Get("/x", request => Reply.Ok($"{request.PathNumber}", Numbered.Fresh, $"ETag: \"{request.PathNumber}\""));
        env.Origin.On("HEAD", "/x", async exchange =>
        {
            await gate.Opened;
            await exchange.SendAsync(Reply.Ok("1", Numbered.Fresh, "ETag: \"1\""));
        });
        await env.GetAsync("/x");
        await using var slow = await env.ConnectAsync();
        await slow.SendAsync("HEAD", "/x", ["Cache-Control: no-cache"]);
        await Deadline.Until(() => Task.FromResult(env.Origin.Log.Any(request => request.Method == "HEAD")), "the HEAD at the origin");

        var newer = await env.GetAsync("/x", "Cache-Control: no-cache");
        gate.Open();
        await slow.ReadHeadAsync();
        var later = await env.GetAsync("/x");

        CacheAssert.NoLonger("1", newer);
        CacheAssert.Hit(later, Reason.Fresh);
        Assert.Equal(newer.Text, later.Text);
    }

    [Theory]
    [InlineData(404, "ETag: \"1\"")]
    [InlineData(200, "ETag: \"1\"")]
    [InlineData(200, "ETag: \"other\"")]
    public async Task SlowHead_OfWhatWasTakenOutMeanwhile_DoesNotBringItBack(int status, string headTag)
    {
        const string Lasting = "Cache-Control: max-age=60, stale-if-error=600";
        await using var env = await GatewayEnvironment.StartAsync(new EnvironmentOptions { Profile = CacheProfile.Rfc9111 });
        var gate = new Gate();
        env.Origin.Get("/x", Reply.Ok("1", Lasting, "ETag: \"1\""), Reply.Of(status, "2", status == 200 ? "Cache-Control: private" : "X: none"), Reply.Of(500, "3"));
        env.Origin.On("HEAD", "/x", async exchange =>
        {
            await gate.Opened;
            await exchange.SendAsync(Reply.Ok("1", Lasting, headTag));
        });
        await env.GetAsync("/x");
        await using var slow = await env.ConnectAsync();
        await slow.SendAsync("HEAD", "/x", ["Cache-Control: no-cache"]);
        await Deadline.Until(() => Task.FromResult(env.Origin.Log.Any(request => request.Method == "HEAD")), "the HEAD at the origin");

        var newer = await env.GetAsync("/x", "Cache-Control: no-cache");
        Assert.Equal((status, "2"), (newer.Status, newer.Text));
        gate.Open();
        await slow.ReadHeadAsync();
        var later = await env.GetAsync("/x");

        CacheAssert.Miss(later);
        Assert.Equal((500, "3"), (later.Status, later.Text));
        Assert.False(env.Origin.Last("/x").Has("If-None-Match"));
    }

    /// <summary>By a HEAD that names a field more to select by: the next fetch is stored under it.</summary>
    [Fact]
    public async Task SlowRefresh_OfWhatWasTakenOutMeanwhile_DoesNotBringItBack()
    {
        const string Lasting = "Cache-Control: max-age=60, stale-while-revalidate=3600";
        await using var env = await GatewayEnvironment.StartAsync();
        env.Origin.Get("/x", Reply.Ok("1", Lasting, "ETag: \"1\""), Reply.Of(304, "", "ETag: \"other\""), Reply.Ok("3", Lasting));
        env.Origin.On("HEAD", "/x", async exchange => await exchange.SendAsync(Reply.Ok("1", Lasting, "ETag: \"1\"", "Vary: X-Other")));
        await env.GetAsync("/x");
        env.Time.AdvanceSeconds(61);
        env.Origin.Hold("/x");
        CacheAssert.Hit(await env.GetAsync("/x"), Reason.StaleWhileRevalidate);
        await env.Origin.Reached("/x", 2);

        await env.SendAsync("HEAD", "/x", null, "Cache-Control: no-cache");
        env.Origin.Release("/x");
        await env.UntilMetric("cachegateway_fill_under_way", count => count == 0);

        Assert.Equal("3", (await env.GetAsync("/x")).Text);
    }

    [Fact]
    [Covers("RFC 9111 4.3.5", "a HEAD that disagrees with what is stored says nothing against what is being fetched")]
    public async Task SlowFetch_BesideAHeadThatDisagreesWithTheOlder_TakesItsPlace()
    {
        await using var env = await GatewayEnvironment.StartAsync(new EnvironmentOptions { Profile = CacheProfile.Rfc9111 });
        var gate = new Gate();
        env.Origin.Get("/x", Reply.Ok("1", Numbered.Fresh, "ETag: \"1\""), Reply.Chunked(["2", gate, " (slow)"], Numbered.Fresh, "ETag: \"2\""), Reply.Ok("3"));
        env.Origin.On("HEAD", "/x", _ => Reply.Of(200, "", Numbered.Fresh, "ETag: \"2\""));
        await env.GetAsync("/x");
        await using var slow = await env.ConnectAsync();
        await slow.SendAsync("GET", "/x", ["Cache-Control: no-cache"]);
        await slow.ReadHeadAsync();
        env.Time.AdvanceSeconds(1);

        await env.SendAsync("HEAD", "/x", null, "Cache-Control: no-cache");
        gate.Open();
        Assert.Equal("2 (slow)", await WholeAsync(slow));
        var later = await env.GetAsync("/x");

        CacheAssert.Hit(later, Reason.Fresh);
        Assert.Equal("2 (slow)", later.Text);
    }

    [Fact]
    public async Task HeadThatDisagrees_IsNotUndoneByWhatLiesInRedis()
    {
        await using var redis = await RedisServer.StartAsync();
        await using var a = await RedisGateways.StartAsync(redis);
        await using var b = await RedisGateways.StartAsync(redis, a);
        a.Origin.Get("/x", request => Reply.Ok($"{request.PathNumber}", "Cache-Control: max-age=600, stale-if-error=600", $"ETag: \"{request.PathNumber}\""));
        await a.UntilConnectedAsync();
        await b.UntilConnectedAsync();
        await b.FetchAsync("/x");
        await b.UntilWrittenAsync(1);
        CacheAssert.Hit(await a.FetchAsync("/x"));

        await using var client = await a.ConnectAsync();
        await client.SendAsync("HEAD /x HTTP/1.1\r\nHost: shared.test\r\nIf-Unmodified-Since: Tue, 04 Mar 2031 10:00:00 GMT\r\n\r\n");
        Assert.Equal("\"2\"", (await client.ReadAsync("HEAD")).Header("ETag"));

        Assert.Equal("3", (await a.FetchAsync("/x")).Text);
    }

    private static async Task<string> WholeAsync(RawClient client)
    {
        using var body = new MemoryStream();
        await Deadline.Within(client.Reader.CopyChunkedAsync(body), "the whole body");
        return Encoding.UTF8.GetString(body.ToArray());
    }
}
