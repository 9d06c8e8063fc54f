using CacheGateway.FunctionalTests.Policies;

namespace CacheGateway.FunctionalTests.Promises;

/// <summary>
/// Promise 2: a request that arrives after an acknowledged invalidation is never answered with a response whose origin request was sent
/// before it, whichever kind of fetch was under way.
/// </summary>
public sealed class FenceTests
{
    private const string Tagged = "Cache-Tag: t";
    private const string ShortLived = "Cache-Control: max-age=60, stale-while-revalidate=600";

    [Theory]
    [InlineData("tags")]
    [InlineData("urls")]
    [InlineData("prefixes")]
    [InlineData("all")]
    public async Task Miss_InvalidatedDuringFetch_IsNotServedToLaterArrivals(string what)
    {
        await using var env = await GatewayEnvironment.StartAsync();
        env.Origin.GetNumbered("/p/1", Numbered.Fresh, Tagged);
        env.Origin.Hold("/p/1");
        var first = env.GetAsync("/p/1");
        await env.Origin.Reached("/p/1");

        await InvalidateAsync(env, what);
        var second = env.GetAsync("/p/1");
        if (what != "tags")
        {
            // Nobody knows the first one's tags yet; for the other kinds the address alone tells that a fetch of its own is due.
            await env.Origin.Reached("/p/1", 2);
        }

        env.Origin.Release("/p/1");

        await first;
        Assert.Equal("2", (await second).Text);
        Assert.Equal("2", (await env.GetAsync("/p/1")).Text);
        Assert.Equal(2, env.Origin.Requests("/p/1"));
    }

    /// <summary>Nobody knew its tags while they waited. What they may not have is fetched anew once, not once for each.</summary>
    [Fact]
    [Fault("F-34", "A tag is raised while many wait for an answer that carries it: one new fetch serves all of them")]
    public async Task Miss_WhoseTagIsRaisedWhileManyWait_IsFetchedAnewOnce()
    {
        const int Clients = 20;
        await using var env = await GatewayEnvironment.StartAsync();
        env.Origin.GetNumbered("/p/1", Numbered.Fresh, Tagged);
        env.Origin.Hold("/p/1");
        var first = env.GetAsync("/p/1");
        await env.Origin.Reached("/p/1");
        await InvalidateAsync(env, "tags");
        var others = Enumerable.Range(0, Clients).Select(_ => env.GetAsync("/p/1")).ToArray();
        await env.UntilMetric("cachegateway_fill_waiting", count => count == Clients);

        env.Origin.ReleaseAndHold("/p/1");
        await env.Origin.Reached("/p/1", 2);
        await env.UntilMetric("cachegateway_fill_waiting", count => count == Clients - 1);
        env.Origin.Release("/p/1");

        await first;
        Assert.All(await Task.WhenAll(others), answer => Assert.Equal("2", answer.Text));
        Assert.Equal(2, env.Origin.Requests("/p/1"));
    }

    /// <summary>Softly invalidated means validated before it is used: what an older fetch brings is not validated.</summary>
    [Theory]
    [InlineData("tags")]
    [InlineData("urls")]
    public async Task Miss_SoftlyInvalidatedDuringFetch_IsNotServedToLaterArrivals(string what)
    {
        await using var env = await GatewayEnvironment.StartAsync();
        env.Origin.GetNumbered("/p/1", Numbered.Fresh, Tagged);
        env.Origin.Hold("/p/1");
        var first = env.GetAsync("/p/1");
        await env.Origin.Reached("/p/1");

        await InvalidateAsync(env, what, soft: true);
        var second = env.GetAsync("/p/1");
        if (what != "tags")
        {
            await env.Origin.Reached("/p/1", 2);
        }

        env.Origin.Release("/p/1");

        await first;
        Assert.Equal("2", (await second).Text);
        Assert.Equal(2, env.Origin.Requests("/p/1"));
    }

    [Theory]
    [InlineData("tags")]
    [InlineData("urls")]
    public async Task Miss_InvalidatedWhileTheBodyStreams_IsNotServedToLaterArrivals(string what)
    {
        await using var env = await GatewayEnvironment.StartAsync();
        var gate = new Gate();
        env.Origin.Get(
            "/p/1",
            Reply.Chunked(["old", gate, "old"], Numbered.Fresh, Tagged),
            Reply.Ok("new", Numbered.Fresh, Tagged));
        await using var client = await env.ConnectAsync();
        await client.SendAsync("GET", "/p/1", []);
        await client.ReadHeadAsync();

        await InvalidateAsync(env, what);
        var later = await env.GetAsync("/p/1");
        gate.Open();
        await Deadline.Within(client.Reader.CopyChunkedAsync(Stream.Null), "the rest of the first response");

        Assert.Equal("new", later.Text);
        Assert.Equal("new", (await env.GetAsync("/p/1")).Text);
        Assert.Equal(2, env.Origin.Requests("/p/1"));
    }

    [Theory]
    [InlineData("tags")]
    [InlineData("urls")]
    [InlineData("all")]
    public async Task Revalidation_InvalidatedDuringFetch_DoesNotReviveTheStored(string what)
    {
        await using var env = await GatewayEnvironment.StartAsync();
        env.Origin.Get("/p/1", request => request.PathNumber <= 2
            ? Reply.Conditional(request, "\"v1\"", "old", Numbered.Fresh, Tagged)
            : Reply.Conditional(request, "\"v2\"", "new", Numbered.Fresh, Tagged));
        await env.GetAsync("/p/1");
        env.Time.AdvanceSeconds(61);
        env.Origin.Hold("/p/1");
        var first = env.GetAsync("/p/1");
        await env.Origin.Reached("/p/1", 2);
        Assert.Equal("\"v1\"", env.Origin.Last("/p/1").Header("If-None-Match"));

        await InvalidateAsync(env, what);
        env.Origin.Release("/p/1");
        await first;

        Assert.Equal("new", (await env.GetAsync("/p/1")).Text);
        Assert.Equal("new", (await env.GetAsync("/p/1")).Text);
        Assert.Equal(3, env.Origin.Requests("/p/1"));
        Assert.False(env.Origin.Last("/p/1").Has("If-None-Match"), "after a hard invalidation the origin is asked for the whole");
    }

    [Theory]
    [InlineData("tags")]
    [InlineData("urls")]
    [InlineData("all")]
    public async Task BackgroundRefresh_InvalidatedDuringFetch_IsNotServed(string what)
    {
        await using var env = await GatewayEnvironment.StartAsync();
        env.Origin.GetNumbered("/p/1", ShortLived, Tagged);
        await env.GetAsync("/p/1");
        env.Time.AdvanceSeconds(61);
        env.Origin.Hold("/p/1");
        Assert.Equal("1", (await env.GetAsync("/p/1")).Text);
        await env.Origin.Reached("/p/1", 2);

        await InvalidateAsync(env, what);
        var later = env.GetAsync("/p/1");
        if (what != "tags")
        {
            await env.Origin.Reached("/p/1", 3);
        }

        env.Origin.Release("/p/1");

        Assert.Equal("3", (await later).Text);
        Assert.Equal("3", (await env.GetAsync("/p/1")).Text);
        Assert.Equal(3, env.Origin.Requests("/p/1"));
    }

    [Fact]
    public async Task Invalidation_OfAnotherTag_LeavesTheFetchAlone()
    {
        await using var env = await GatewayEnvironment.StartAsync();
        env.Origin.GetNumbered("/p/1", Numbered.Fresh, Tagged);
        env.Origin.Hold("/p/1");
        var first = env.GetAsync("/p/1");
        await env.Origin.Reached("/p/1");

        await env.InvalidateAsync("other");
        env.Origin.Release("/p/1");
        await first;

        CacheAssert.Hit(await env.GetAsync("/p/1"));
        Assert.Equal(1, env.Origin.Requests("/p/1"));
    }

    [Fact]
    public async Task UnsafeMethod_DuringFetch_FencesItAsWell()
    {
        await using var env = await GatewayEnvironment.StartAsync();
        env.Origin.GetNumbered("/p/1", Numbered.Fresh);
        env.Origin.On("POST", "/p/1", async exchange =>
        {
            await exchange.ReadBodyAsync();
            await exchange.SendAsync(Reply.Of(201, "done"));
        });
        env.Origin.Hold("/p/1");
        var first = env.GetAsync("/p/1");
        await env.Origin.Reached("/p/1");

        Assert.Equal(201, (await env.SendAsync("POST", "/p/1", "x")).Status);
        env.Origin.Release("/p/1");
        await first;

        Assert.Equal("3", (await env.GetAsync("/p/1")).Text);
        Assert.Equal("3", (await env.GetAsync("/p/1")).Text);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Miss_WithTagsInItsBody_IsNotServedToLaterArrivalsOnceOneIsRaised(bool headKnown)
    {
        await using var env = await GatewayEnvironment.StartAsync(PolicyText.Of("\"tags\": [\"$.id -> product:{}\"]"));
        var gate = new Gate();
        env.Origin.Get("/p/1", Reply.Chunked(["{\"id\": 1,", gate, "\"v\": \"old\"}"], "Content-Type: application/json"), Reply.Ok("{\"id\": 1, \"v\": \"new\"}"));
        env.Origin.Hold("/p/1");
        await using var client = await env.ConnectAsync();
        await client.SendAsync("GET", "/p/1", []);
        await env.Origin.Reached("/p/1");
        if (headKnown)
        {
            env.Origin.Release("/p/1");
            await client.ReadHeadAsync();
        }

        await env.InvalidateAsync("product:1");
        var later = env.GetAsync("/p/1");
        if (headKnown)
        {
            await env.UntilMetric("cachegateway_fill_waiting", count => count == 1);
        }
        else
        {
            await env.UntilMetric("cachegateway_fill_waiting", count => count == 1);
            env.Origin.Release("/p/1");
        }

        gate.Open();

        Assert.Contains("new", (await later).Text, StringComparison.Ordinal);
        Assert.Equal(2, env.Origin.Requests("/p/1"));
    }

    private static async Task InvalidateAsync(GatewayEnvironment env, string what, bool soft = false)
    {
        object order = what switch
        {
            "tags" => new { tags = (string[])["t"], soft },
            "urls" => new { urls = (string[])[$"{env.Address}p/1"], soft },
            "prefixes" => new { prefixes = (string[])["/p/"] },
            _ => new { all = true },
        };
        using var answer = await env.InvalidateAsync(order);
        Assert.Equal(System.Net.HttpStatusCode.OK, answer.StatusCode);
    }
}
