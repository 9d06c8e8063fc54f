using CacheGateway.FunctionalTests.Promises;
using CacheGateway.Hosting;
using CacheGateway.Model;
using CacheGateway.Pipeline.Resilience;
using Microsoft.Extensions.DependencyInjection;

namespace CacheGateway.FunctionalTests.Faults;

/// <summary>An origin that is not there: stale where that is allowed, else a quick and honest refusal, and never a crowd at its door.</summary>
public sealed class OriginAwayTests
{
    private const string Stale = "Cache-Control: max-age=60, stale-if-error=600";

    [Fact]
    [Fault("F-30", "Connections are refused: stale within stale-if-error, else 502 at once; asked again at the next request")]
    public async Task Refused_StaleWhereAllowed_Else502()
    {
        await using var env = await GatewayEnvironment.StartAsync();
        env.Origin.Get("/old", Reply.Ok("old", Stale));
        env.Origin.Get("/new", Reply.Ok("new", Numbered.Fresh));
        await env.GetAsync("/old");
        env.Time.AdvanceSeconds(61);
        await env.Origin.GoAway();

        CacheAssert.Hit(await env.GetAsync("/old"), Reason.StaleIfError);
        var refused = await env.GetAsync("/new");
        Assert.Equal((502, "CacheGateway; error=destination_unavailable"), (refused.Status, refused.Header("Proxy-Status")));
        env.Origin.Return();
        Assert.Equal("new", (await env.GetAsync("/new")).Text);
    }

    [Fact]
    [Fault("F-30", "Connections are never answered (packets vanish): 504 after the connect timeout")]
    public async Task ConnectionNeverAnswered_Is504AfterTheConnectTimeout()
    {
        using var full = new FullBacklog();
        await using var env = await StartAsync(settings => settings with { Origin = $"http://127.0.0.1:{full.Address.Port}", OriginConnectTimeout = TimeSpan.FromMilliseconds(300) });

        Assert.Equal(504, (await env.GetAsync("/x")).Status);
    }

    [Fact]
    [Fault("F-30", "The name of the origin is unknown: 502, told like every origin that cannot be reached")]
    public async Task NameUnknown_Is502()
    {
        await using var env = await StartAsync(settings => settings with { Origin = "http://nowhere.invalid:80" });

        Assert.Equal(502, (await env.GetAsync("/x")).Status);
    }

    [Fact]
    [Fault("F-30", "Many wait for one key when the origin is gone: all share the one failure, nobody asks again")]
    public async Task ManyWaiting_ShareOneFailure()
    {
        const int Clients = 50;
        await using var env = await GatewayEnvironment.StartAsync();
        env.Origin.Get("/x", Reply.Ok("late", Numbered.Fresh));
        env.Origin.Hold("/x");
        var first = env.GetAsync("/x");
        await env.Origin.Reached("/x");
        var others = Enumerable.Range(1, Clients - 1).Select(_ => env.GetAsync("/x")).ToArray();
        await env.UntilMetric("cachegateway_fill_waiting", count => count == Clients - 1);

        await env.Origin.GoAway();

        Assert.All(await Task.WhenAll([first, .. others]), answer => Assert.Equal((502, "origin-unreachable"), (answer.Status, answer.CacheStatus?.Detail)));
        Assert.Equal(1, env.Origin.Requests("/x"));
    }

    /// <summary>Half of the content, then nothing: the origin waits as the gateway does, and is not to blame.</summary>
    [Theory]
    [Fault("F-30", "Clients that fall silent inside their content: each gets 408, and the destination is not taken for dead")]
    [InlineData(false)]
    [InlineData(true)]
    public async Task ClientsThatFallSilentInsideTheirContent_SayNothingOfTheOrigin(bool isTriedAgain)
    {
        await using var env = await StartAsync(settings => settings with
        {
            // Others ask meanwhile, and are answered.
            OriginTimeout = Deadline.Patience,
            OriginIdleTimeout = Deadline.Patience,
            OriginPause = TimeSpan.FromSeconds(5),
        });
        env.Origin.On("POST", "/x", _ => Reply.Ok("made"));
        env.Origin.Get("/x", Reply.Ok("x", "Cache-Control: no-store"));
        if (isTriedAgain)
        {
            await env.Origin.GoAway();
            for (var i = 0; i < 25; i++)
            {
                await env.GetAsync("/x");
            }

            Assert.Equal(1, await env.MetricAsync("cachegateway_origin_left_alone"));
            env.Origin.Return();
            env.Time.AdvanceSeconds(5.1);
        }

        var failures = await env.MetricAsync("cachegateway_origin_failures_total");
        var statuses = await Task.WhenAll(Enumerable.Range(0, isTriedAgain ? 1 : 30).Select(_ => HalfAsync(env)));

        Assert.All(statuses, status => Assert.Equal(408, status));
        Assert.Equal("x", (await env.GetAsync("/x")).Text);
        Assert.Equal(0, await env.MetricAsync("cachegateway_origin_left_alone"));
        Assert.Equal(failures, await env.MetricAsync("cachegateway_origin_failures_total"));

        static async Task<int> HalfAsync(GatewayEnvironment env)
        {
            await using var client = await env.ConnectAsync();
            await client.SendAsync("POST /x HTTP/1.1\r\nHost: gw.test\r\nContent-Length: 10\r\n\r\nhalf");
            return (await client.ReadAsync("POST")).Status;
        }
    }

    [Fact]
    [Fault("F-30", "A destination that gives no answers is left alone: 503 at once, stale where allowed; one request tries it after the pause, and all follow")]
    public async Task NoAnswers_OpenTheBreaker_AndAnAnswerClosesIt()
    {
        await using var env = await StartAsync(settings => settings with { OriginPause = TimeSpan.FromSeconds(5) });
        env.Origin.Get("/old", Reply.Ok("old", Stale));
        env.Origin.Get("/x", Reply.Ok("x", "Cache-Control: no-store"));
        await env.GetAsync("/old");
        env.Time.AdvanceSeconds(61);
        await env.Origin.GoAway();
        for (var i = 0; i < 25; i++)
        {
            await env.GetAsync("/x");
        }

        var held = await env.GetAsync("/x");
        Assert.Equal((503, "origin-down", "1"), (held.Status, held.CacheStatus?.Detail, held.Header("Retry-After")));
        Assert.Equal("CacheGateway; error=destination_unavailable", held.Header("Proxy-Status"));
        CacheAssert.Hit(await env.GetAsync("/old"), Reason.StaleIfError);
        Assert.Equal(1, await env.MetricAsync("cachegateway_origin_left_alone"));

        var accepted = env.Origin.Accepted;
        env.Origin.Return();
        Assert.Equal(503, (await env.GetAsync("/x")).Status);
        Assert.Equal(accepted, env.Origin.Accepted);
        env.Time.AdvanceSeconds(5.1);
        Assert.Equal("x", (await env.GetAsync("/x")).Text);
        Assert.Equal("x", (await env.GetAsync("/x")).Text);
        Assert.Equal(0, await env.MetricAsync("cachegateway_origin_left_alone"));
    }

    [Fact]
    public async Task AnswerThatGoesOnForLong_ClosesTheBreakerWithItsHead()
    {
        await using var env = await StartAsync(settings => settings with { OriginPause = TimeSpan.FromSeconds(5) });
        var gate = new Gate();
        env.Origin.Get("/film", Reply.Chunked(["first ", gate, "second"], "Cache-Control: no-store"));
        env.Origin.Get("/x", Reply.Ok("x", "Cache-Control: no-store"));
        await env.Origin.GoAway();
        for (var i = 0; i < 25; i++)
        {
            await env.GetAsync("/x");
        }

        Assert.Equal(503, (await env.GetAsync("/x")).Status);
        env.Origin.Return();
        env.Time.AdvanceSeconds(5.1);
        await using var client = await env.ConnectAsync();
        await client.SendAsync("GET", "/film", []);
        await client.ReadHeadAsync();

        Assert.Equal("x", (await env.GetAsync("/x")).Text);

        gate.Open();
        using var body = new MemoryStream();
        await Deadline.Within(client.Reader.CopyChunkedAsync(body), "the whole body");
        Assert.Equal("first second", System.Text.Encoding.UTF8.GetString(body.ToArray()));
    }

    [Theory]
    [Fault("F-30", "What tries a destination again is slow itself (an endpoint that takes its time, a stream, an upload): others wait for it a few seconds or not at all, and it goes on")]
    [InlineData("GET", "Accept: */*", 3.1)]
    [InlineData("GET", "Accept: text/event-stream", 0)]
    [InlineData("POST", "Content-Length: 10", 0)]
    public async Task SlowRequestTriesIt_OthersDoNotWaitForIt(string method, string line, double seconds)
    {
        await using var env = await StartAsync(settings => settings with { OriginPause = TimeSpan.FromSeconds(5) });
        env.Origin.On(method, "/slow", Reply (_) => Reply.Ok("slow", "Cache-Control: no-store"));
        env.Origin.Get("/x", Reply.Ok("x", "Cache-Control: no-store"));
        await env.Origin.GoAway();
        for (var i = 0; i < 25; i++)
        {
            await env.GetAsync("/x");
        }

        Assert.Equal(503, (await env.GetAsync("/x")).Status);
        env.Origin.Return();
        env.Origin.Hold("/slow");
        env.Time.AdvanceSeconds(5.1);
        await using var slow = await env.ConnectAsync();
        await slow.SendAsync(method, "/slow", [line]);
        await env.Origin.Reached("/slow");

        env.Time.AdvanceSeconds(seconds);

        await Deadline.Until(async () => (await env.GetAsync("/x")).Text == "x", "the answer to another");
        await slow.SendAsync(method == "POST" ? "0123456789" : "");
        env.Origin.Release("/slow");
        Assert.Equal("slow", (await slow.ReadAsync(method)).Text);
    }

    /// <summary>Where each validates for himself nobody's fetch is another's, and each is given up with its client.</summary>
    [Fact]
    [Fault("F-30", "An origin that hangs, and clients that are all more impatient than the gateway: it is left alone all the same, and stale is served")]
    public async Task HungOrigin_IsNoticed_ThoughEveryClientLeaves()
    {
        const int Clients = 25;
        await using var env = await StartAsync(settings => settings with { OriginTimeout = TimeSpan.FromSeconds(5) });
        env.Origin.Get("/x", request => Reply.Conditional(request, "\"1\"", "old", "Cache-Control: max-age=0, stale-if-error=600"));
        await env.GetAsync("/x");
        env.Origin.Hold("/x");
        for (var i = 0; i < Clients; i++)
        {
            await using var client = await env.ConnectAsync();
            await client.SendAsync("GET", "/x", []);
            await env.Origin.Reached("/x", i + 2);
            client.Abort();
        }

        await env.UntilMetric("cachegateway_origin_failures_total", count => count == Clients);

        CacheAssert.Hit(await env.GetAsync("/x"), Reason.StaleIfError);
        Assert.Equal(Clients + 1, env.Origin.Requests("/x"));
    }

    [Fact]
    [Fault("F-33", "Retries stay within a tenth of the requests, so that a failing origin is not asked twice as much")]
    public async Task Retries_StayWithinTheirBudget()
    {
        const int Requests = 100;
        await using var env = await GatewayEnvironment.StartAsync(new EnvironmentOptions
        {
            Configure = builder => builder.Services.AddSingleton(new OriginLimits { BreakerRequests = 100_000 }),
        });
        // The first half saves up.
        env.Origin.On("GET", "/*", Reply (request) =>
        {
            if (request.Path.StartsWith("/ok", StringComparison.Ordinal))
            {
                return Reply.Ok("x", "Cache-Control: no-store");
            }

            // Not as a connection ends that was idle, which costs no retry.
            env.Time.AdvanceSeconds(1);
            return Reply.Exactly("", ReplyEnding.Reset);
        });

        for (var i = 0; i < Requests; i++)
        {
            var isGood = i < Requests / 2;
            Assert.Equal(isGood ? 200 : 502, (await env.GetAsync(isGood ? $"/ok/{i}" : $"/{i}")).Status);
        }

        var retries = await env.MetricAsync("cachegateway_origin_retries_total");
        // One is paid for at the start, and each request pays for a tenth of one: a retry costs no more where it fails as well.
        Assert.Equal((Requests / 10) + 1, retries);
        Assert.Equal(Requests + retries, env.Origin.Log.Count);
    }

    [Theory]
    [Fault("F-29", "A request that changes something, or has a body, is never sent twice")]
    [InlineData("POST", "body")]
    [InlineData("PUT", "body")]
    [InlineData("DELETE", null)]
    public async Task UnsafeRequest_IsNeverSentTwice(string method, string? body)
    {
        await using var env = await GatewayEnvironment.StartAsync();
        env.Origin.On(null, "/x", Reply (_) => Reply.Exactly("", ReplyEnding.Reset));

        Assert.Equal(502, (await env.SendAsync(method, "/x", body)).Status);

        Assert.Equal(1, env.Origin.Requests("/x"));
    }

    [Fact]
    [Fault("F-30", "A wait that ends in failure: who has a stale answer gets it")]
    public async Task WaitEndedAndOriginGone_StaleIsServed()
    {
        await using var env = await GatewayEnvironment.StartAsync();
        env.Origin.Get("/x", Reply.Ok("old", Stale));
        await env.GetAsync("/x");
        env.Time.AdvanceSeconds(61);
        env.Origin.On("GET", "/x", async exchange =>
        {
            if (exchange.Request.PathNumber == 2)
            {
                await Task.Delay(Timeout.InfiniteTimeSpan, exchange.Stopping);
            }

            exchange.Reset();
        });
        var first = env.GetAsync("/x");
        await env.Origin.Reached("/x", 2);
        var second = env.GetAsync("/x");
        await env.UntilMetric("cachegateway_fill_waiting", count => count == 1);
        env.Time.AdvanceSeconds(5.1);

        CacheAssert.Hit(await second, Reason.StaleIfError);
        Assert.False(first.IsCompleted);
    }

    private static Task<GatewayEnvironment> StartAsync(Func<GatewaySettings, GatewaySettings> settings) =>
        GatewayEnvironment.StartAsync(new EnvironmentOptions { Settings = settings });
}
