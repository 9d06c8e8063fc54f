using CacheGateway.FunctionalTests.Policies;
using CacheGateway.Model;
using CacheGateway.Pipeline;
using Microsoft.Extensions.DependencyInjection;

namespace CacheGateway.FunctionalTests.Promises;

/// <summary>Whom a shared fetch answers beside the client that caused it: whoever might be answered so from the store a moment later.</summary>
public sealed class FollowerTests
{
    /// <summary>Who goes on alone reads no more of what was another's: nothing is fetched for nobody.</summary>
    [Fact]
    public async Task FetchThatNobodyReads_Ends_ThoughWhoWaitedForItStillReadsItsOwn()
    {
        await using var env = await GatewayEnvironment.StartAsync();
        var (answer, gone) = (new Gate(), new Gate());
        var asked = 0;
        env.Origin.On("GET", "/download", async exchange =>
        {
            var number = Interlocked.Increment(ref asked);
            await answer.Opened.WaitAsync(exchange.Stopping);
            await exchange.SendAsync("HTTP/1.1 200 OK\r\nCache-Control: no-store\r\nTransfer-Encoding: chunked\r\n\r\n");
            try
            {
                while (true)
                {
                    await exchange.SendAsync($"400\r\n{new string('x', 1024)}\r\n");
                }
            }
            finally
            {
                if (number == 1)
                {
                    gone.Open();
                }
            }
        });
        await using var first = await env.ConnectAsync();
        await first.SendAsync("GET", "/download", []);
        await env.Origin.Reached("/download");
        await using var second = await env.ConnectAsync();
        await second.SendAsync("GET", "/download", []);
        await env.UntilMetric("cachegateway_fill_waiting", count => count == 1);
        answer.Open();
        await first.ReadHeadAsync();
        await second.ReadHeadAsync();

        first.Abort();

        await gone.WaitAsync("the end of the first one's fetch");
    }

    private const string Waiting = "cachegateway_fill_waiting";

    [Theory]
    [Covers("RFC 9111 4", "a response that may not be reused without validation is no answer to a request that waited for it")]
    [InlineData("Cache-Control: no-cache", "ETag: \"a\"")]
    [InlineData("Cache-Control: s-maxage=10", "Age: 20", "ETag: \"a\"")]
    [InlineData("Cache-Control: max-age=0", "ETag: \"a\"")]
    public async Task AnswerThatMayNotBeReused_IsNotSharedWithThoseWhoWaited(params string[] headers)
    {
        await using var env = await GatewayEnvironment.StartAsync();
        env.Origin.Get("/x", request => Reply.Ok($"{request.PathNumber}", headers));

        Assert.Equal(["1", "2", "3"], (await AskTogetherAsync(env, "/x", 3)).Order());
        Assert.Equal(3, env.Origin.Requests("/x"));
    }

    [Theory]
    [InlineData("Cache-Control: no-cache")]
    [InlineData("Cache-Control: public, max-age=0")]
    public async Task StoredResponseThatMayNotBeReused_IsValidatedForEach_AndNobodyWaitsForAnother(string control)
    {
        await using var env = await GatewayEnvironment.StartAsync();
        env.Origin.Get("/x", request => Reply.Conditional(request, "\"v1\"", "body", control));
        await env.GetAsync("/x");
        env.Origin.Hold("/x");

        var asking = Enumerable.Range(0, 3).Select(_ => env.GetAsync("/x")).ToList();
        // All of them are there while none is answered.
        await env.Origin.Reached("/x", 4);
        env.Origin.Release("/x");

        Assert.All(await Task.WhenAll(asking), answer => Assert.Equal("body", answer.Text));
        Assert.Equal(4, env.Origin.Requests("/x"));
        Assert.Equal("\"v1\"", env.Origin.Last("/x").Header("If-None-Match"));
    }

    /// <summary>The first of the two takes the place of what both were asked about; it is still the same.</summary>
    [Fact]
    public async Task TwoValidationsAtOnce_NeedOneRequestEach()
    {
        await using var env = await GatewayEnvironment.StartAsync();
        Gate[] gates = [new(), new(), new()];
        gates[0].Open();
        env.Origin.On("GET", "/x", async exchange =>
        {
            await gates[exchange.Request.PathNumber - 1].Opened;
            await exchange.SendAsync(Reply.Conditional(exchange.Request, "\"v1\"", "body", "Cache-Control: no-cache"));
        });
        await env.GetAsync("/x");
        Task<RawResponse>[] asking = [env.GetAsync("/x"), env.GetAsync("/x")];
        await env.Origin.Reached("/x", 3);

        gates[1].Open();
        var first = await await Task.WhenAny(asking);
        gates[2].Open();
        var both = await Task.WhenAll(asking);

        Assert.Equal("body", first.Text);
        Assert.All(both, answer => Assert.Equal((200, "body"), (answer.Status, answer.Text)));
        Assert.Equal(3, env.Origin.Requests("/x"));
    }

    [Fact]
    public async Task StaleAnswerThatMayBeServedWhileRefreshed_IsShared()
    {
        await using var env = await GatewayEnvironment.StartAsync();
        env.Origin.Get("/x", Reply.Ok("x", "Cache-Control: max-age=10, stale-while-revalidate=60", "Age: 20"));

        Assert.All(await AskTogetherAsync(env, "/x", 3), text => Assert.Equal("x", text));
        Assert.Equal(1, env.Origin.Requests("/x"));
    }

    [Fact]
    public async Task RequestsThatAreValidatedForEach_LeaveRoomForOtherFetches()
    {
        await using var env = await GatewayEnvironment.StartAsync(new EnvironmentOptions
        {
            Configure = builder => builder.Services.AddSingleton(new GatewayLimits { MaxFills = 1 }),
        });
        env.Origin.Get("/page", request => Reply.Conditional(request, "\"v1\"", "body", "Cache-Control: no-cache"));
        env.Origin.GetNumbered("/other", Numbered.Fresh);
        await env.GetAsync("/page");
        env.Origin.Hold("/page");
        var asking = Enumerable.Range(0, 3).Select(_ => env.GetAsync("/page")).ToList();
        await env.Origin.Reached("/page", 4);

        Assert.All(await AskTogetherAsync(env, "/other", 3), text => Assert.Equal("1", text));
        env.Origin.Release("/page");
        await Task.WhenAll(asking);
    }

    /// <summary>Whoever reads an answer of his own slowly shares it with nobody, and keeps nobody from sharing another.</summary>
    [Fact]
    [Fault("F-31", "Slow readers of answers that are not stored: the places of fetches that may be shared are free for others")]
    public async Task AnswersThatAreNotShared_LeaveRoomForOtherFetches()
    {
        await using var env = await GatewayEnvironment.StartAsync(new EnvironmentOptions
        {
            Configure = builder => builder.Services.AddSingleton(new GatewayLimits { MaxFills = 1 }),
        });
        var more = new Gate();
        env.Origin.Get("/mine", Reply.Chunked(["first", more, "last"], "Cache-Control: no-store"));
        env.Origin.GetNumbered("/other", Numbered.Fresh);
        await using var slow = await env.ConnectAsync();
        await slow.SendAsync("GET", "/mine", []);
        await slow.ReadHeadAsync();

        Assert.All(await AskTogetherAsync(env, "/other", 3), text => Assert.Equal("1", text));

        more.Open();
        await env.UntilMetric("cachegateway_fill_under_way", count => count == 0);
        CacheAssert.Hit(await env.GetAsync("/other"), Reason.Fresh);
    }

    /// <summary>A 304 about another response wakes all who waited for it: one of them asks again, and the others share that.</summary>
    [Fact]
    public async Task AnswerAboutAnother_IsAskedForOnceMore_NotByEach()
    {
        const int Clients = 16;
        await using var env = await GatewayEnvironment.StartAsync();
        env.Origin.Get("/x", request => request.Has("If-None-Match")
            ? Reply.Of(304, "", "ETag: \"v\"")
            : Reply.Ok($"{request.PathNumber}", Numbered.Fresh, "ETag: W/\"v\""));
        await env.GetAsync("/x");
        env.Time.AdvanceSeconds(61);

        Assert.Single((await AskTogetherAsync(env, "/x", Clients)).Distinct());
        Assert.Equal(3, env.Origin.Requests("/x"));
    }

    /// <summary>A small lifetime protects an origin; it must not stop just when the origin is slow.</summary>
    [Theory]
    [InlineData(null, "Cache-Control: max-age=1")]
    [InlineData("\"ttl\": \"1s\", \"origin\": \"override\"", "Cache-Control: max-age=3600")]
    public async Task OriginSlowerThanTheLifetime_IsAskedOnceForAllWhoWaited(string? members, string control)
    {
        await using var env = await (members is null ? GatewayEnvironment.StartAsync() : GatewayEnvironment.StartAsync(PolicyText.Of(members)));
        env.Origin.Get("/x", request => Reply.Ok($"{request.PathNumber}", control, "ETag: \"a\""));
        await env.GetAsync("/x");
        env.Time.AdvanceSeconds(2);

        Assert.All(await AskTogetherAsync(env, "/x", 5, seconds: 1.5), text => Assert.Equal("2", text));
        Assert.Equal(2, env.Origin.Requests("/x"));
        Assert.Equal("3", (await env.GetAsync("/x")).Text);
    }

    [Fact]
    public async Task FollowerThatMayNotHaveTheAnswer_ValidatesByWhatIsStored()
    {
        await using var env = await GatewayEnvironment.StartAsync();
        env.Origin.Get("/x", request => Reply.Conditional(request, "\"v1\"", "body", request.PathNumber == 1 ? "Cache-Control: max-age=1" : "Cache-Control: no-cache"));
        await env.GetAsync("/x");
        env.Time.AdvanceSeconds(2);

        Assert.All(await AskTogetherAsync(env, "/x", 3), text => Assert.Equal("body", text));
        Assert.Equal(4, env.Origin.Requests("/x"));
        Assert.All(env.Origin.Log.Skip(1), request => Assert.Equal("\"v1\"", request.Header("If-None-Match")));
    }

    /// <summary>The bodies that so many clients get who ask before the origin answers.</summary>
    private static async Task<string[]> AskTogetherAsync(GatewayEnvironment env, string path, int clients, double seconds = 0)
    {
        var before = env.Origin.Requests(path);
        env.Origin.Hold(path);
        var asking = Enumerable.Range(0, clients).Select(_ => env.GetAsync(path)).ToList();
        await env.Origin.Reached(path, before + 1);
        await env.UntilMetric(Waiting, count => count == clients - 1);
        env.Time.AdvanceSeconds(seconds);
        env.Origin.Release(path);
        return Array.ConvertAll(await Task.WhenAll(asking), answer => answer.Text);
    }
}
