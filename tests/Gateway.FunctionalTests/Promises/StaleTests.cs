using CacheGateway.Model;

namespace CacheGateway.FunctionalTests.Promises;

/// <summary>RFC 5861: stale answers on purpose, for a while, and never where they are forbidden.</summary>
public sealed class StaleTests
{
    [Fact]
    [Covers("RFC 5861 3", "stale-while-revalidate serves the stale response while it is refreshed")]
    public async Task WhileRevalidating_EachGetsTheStaleOneAndOneRefreshRuns()
    {
        await using var env = await GatewayEnvironment.StartAsync();
        env.Origin.GetNumbered("/x", "Cache-Control: max-age=60, stale-while-revalidate=30");
        await env.GetAsync("/x");
        env.Time.AdvanceSeconds(65);
        env.Origin.Hold("/x");

        for (var i = 0; i < 5; i++)
        {
            var stale = await env.GetAsync("/x");
            CacheAssert.Hit(stale, Reason.StaleWhileRevalidate);
            Assert.Equal(("1", 65), (stale.Text, stale.Age));
        }

        await env.Origin.Reached("/x", 2);
        Assert.Equal(2, env.Origin.Requests("/x"));
        env.Origin.Release("/x");
        await env.UntilMetric("cachegateway_fill_under_way", count => count == 0);

        var fresh = await env.GetAsync("/x");
        CacheAssert.Hit(fresh, Reason.Fresh);
        Assert.Equal("2", fresh.Text);
        Assert.Equal(2, env.Origin.Requests("/x"));
    }

    /// <summary>The client has its stored answer: who asks the origin is the gateway, which an upstream cache must not refuse for it.</summary>
    [Theory]
    [InlineData("only-if-cached", null)]
    [InlineData("max-stale=60, Only-If-Cached , x=1", "max-stale=60, x=1")]
    public async Task WhileRevalidating_OnlyIfCachedOfTheClient_IsNotTheRefreshs(string control, string? forwarded)
    {
        await using var env = await GatewayEnvironment.StartAsync();
        env.Origin.GetNumbered("/x", "Cache-Control: max-age=60, stale-while-revalidate=30");
        await env.GetAsync("/x");
        env.Time.AdvanceSeconds(65);

        CacheAssert.Hit(await env.GetAsync("/x", $"Cache-Control: {control}"), Reason.StaleWhileRevalidate);
        await env.Origin.Reached("/x", 2);

        Assert.Equal(forwarded, env.Origin.Last("/x").Header("Cache-Control"));
    }

    [Fact]
    public async Task WhileRevalidating_AfterTheWindow_WaitsForTheOrigin()
    {
        await using var env = await GatewayEnvironment.StartAsync();
        env.Origin.GetNumbered("/x", "Cache-Control: max-age=60, stale-while-revalidate=30");
        await env.GetAsync("/x");

        env.Time.AdvanceSeconds(91);

        Assert.Equal("2", (await env.GetAsync("/x")).Text);
    }

    [Fact]
    public async Task RefreshThatFails_LeavesTheStaleOneForTheRestOfItsWindow()
    {
        await using var env = await GatewayEnvironment.StartAsync();
        const string Headers = "Cache-Control: max-age=60, stale-while-revalidate=30";
        env.Origin.Get("/x", Reply.Ok("1", Headers), Reply.Of(503, "down"), Reply.Ok("3", Headers));
        await env.GetAsync("/x");
        env.Time.AdvanceSeconds(61);
        Assert.Equal("1", (await env.GetAsync("/x")).Text);
        await env.Origin.Reached("/x", 2);
        await env.UntilMetric("cachegateway_fill_under_way", count => count == 0);

        // A failing origin is left alone for a moment, then asked again.
        env.Time.AdvanceSeconds(2);
        Assert.Equal("1", (await env.GetAsync("/x")).Text);
        await env.Origin.Reached("/x", 3);
    }

    [Theory]
    [Covers("RFC 5861 4", "stale-if-error serves the stale response when the origin fails")]
    [InlineData("503")]
    [InlineData("500")]
    [InlineData("502")]
    [InlineData("504")]
    [InlineData("reset")]
    [InlineData("refused")]
    public async Task OriginThatFails_WithinTheWindow_GivesTheStaleOne(string failure)
    {
        await using var env = await GatewayEnvironment.StartAsync();
        env.Origin.Get(
            "/x",
            Reply.Ok("1", "Cache-Control: max-age=60, stale-if-error=300"),
            failure == "reset" ? Reply.Exactly("", ReplyEnding.Reset) : Reply.Of(failure == "refused" ? 200 : int.Parse(failure), "down"));
        await env.GetAsync("/x");
        env.Time.AdvanceSeconds(100);
        if (failure == "refused")
        {
            await env.Origin.GoAway();
        }

        var stale = await env.GetAsync("/x");

        CacheAssert.Hit(stale, Reason.StaleIfError);
        Assert.Equal((200, "1", 100), (stale.Status, stale.Text, stale.Age));
        Assert.Equal(failure == "refused", env.Origin.Requests("/x") == 1);
    }

    [Theory]
    [InlineData("Cache-Control: max-age=60", 61)]
    [InlineData("Cache-Control: max-age=60, stale-if-error=10", 71)]
    [InlineData("Cache-Control: max-age=60, stale-if-error=300, must-revalidate", 61)]
    [InlineData("Cache-Control: max-age=60, stale-if-error=300, proxy-revalidate", 61)]
    [InlineData("Cache-Control: s-maxage=60, stale-if-error=300", 61)]
    public async Task OriginThatFails_OutsideWhatIsAllowed_IsTold(string cacheControl, int age)
    {
        await using var env = await GatewayEnvironment.StartAsync();
        env.Origin.Get("/x", Reply.Ok("1", cacheControl), Reply.Of(503, "down"));
        await env.GetAsync("/x");
        env.Time.AdvanceSeconds(age);

        var answer = await env.GetAsync("/x");
        Assert.Equal((503, "down"), (answer.Status, answer.Text));
    }

    [Theory]
    [Covers("RFC 9111 4.2.4", "an origin that answers with nonsense is not disconnected")]
    [InlineData("HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nxy")]
    [InlineData("HTTP/1.1 200 OK\r\nX-Odd: a\u0001b\r\nContent-Length: 1\r\n\r\nx")]
    [InlineData("no http at all\r\n\r\n")]
    public async Task NonsenseOfTheOrigin_PermitsNothingStale(string answer)
    {
        await using var env = await GatewayEnvironment.StartAsync();
        env.Origin.Get("/x", Reply.Ok("1", "Cache-Control: max-age=60"), Reply.Exactly(answer));
        await env.GetAsync("/x");
        env.Time.AdvanceSeconds(61);

        Assert.Equal(502, (await env.GetAsync("/x")).Status);
    }

    [Theory]
    [Covers("RFC 5861 4", "stale-if-error is for 500, 502, 503 and 504")]
    [InlineData(501)]
    [InlineData(505)]
    [InlineData(511)]
    public async Task OtherStatusesOf5xx_AreTheOriginsAnswer(int status)
    {
        await using var env = await GatewayEnvironment.StartAsync();
        env.Origin.Get("/x", Reply.Ok("1", "Cache-Control: max-age=60, stale-if-error=300"), Reply.Of(status, "no"));
        await env.GetAsync("/x");
        env.Time.AdvanceSeconds(61);

        Assert.Equal(status, (await env.GetAsync("/x")).Status);
    }

    [Theory]
    [Covers("RFC 9111 5.2.2.2", "must-revalidate forbids serving stale")]
    [InlineData("Cache-Control: max-age=60, stale-while-revalidate=300, must-revalidate")]
    [InlineData("Cache-Control: max-age=60, stale-while-revalidate=300, proxy-revalidate")]
    public async Task MustRevalidate_ForbidsStaleWhileRevalidate(string cacheControl)
    {
        await using var env = await GatewayEnvironment.StartAsync();
        env.Origin.GetNumbered("/x", cacheControl);
        await env.GetAsync("/x");
        env.Time.AdvanceSeconds(61);

        Assert.Equal("2", (await env.GetAsync("/x")).Text);
    }

    [Fact]
    public async Task HardInvalidated_IsNotServedOnError()
    {
        await using var env = await GatewayEnvironment.StartAsync();
        env.Origin.Get("/x", Reply.Ok("1", "Cache-Control: max-age=60, stale-if-error=300", "Cache-Tag: t"), Reply.Of(503, "down"));
        await env.GetAsync("/x");

        await env.InvalidateAsync("t");

        Assert.Equal(503, (await env.GetAsync("/x")).Status);
    }
}
