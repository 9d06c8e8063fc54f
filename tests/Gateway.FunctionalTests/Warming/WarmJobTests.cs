using System.Net;
using CacheGateway.Model;
using CacheGateway.Warming;
using Microsoft.Extensions.DependencyInjection;

namespace CacheGateway.FunctionalTests.Warming;

/// <summary>Warming by the admin API: how targets are fetched, and what a job never does.</summary>
public sealed class WarmJobTests
{
    internal const string Policies = """
        { "policies": { "p": { "match": { "path": "/p/{id}" }, "ttl": "10m", "tags": ["p"] }, "off": { "match": { "path": "/off" }, "enabled": false } } }
        """;

    /// <summary>Nothing ends a body that stands still but who gives it up.</summary>
    private const string Slow = """{ "policies": { "p": { "match": { "path": "/p/{id}" }, "ttl": "10m", "betweenBytesTimeout": "1d" } } }""";

    [Fact]
    public async Task Urls_AreStoredOnce_AndClientsHit()
    {
        await using var env = await GatewayEnvironment.StartAsync(Policies);
        env.Origin.On(null, "*", request => Reply.Ok(request.Target));

        var job = await env.WarmAsync(new { urls = new[] { "/p/1", "/p/2?q=1", "/p/1" } });

        Assert.Equal((2, 2, 2, 0, 0), (job.Count("total"), job.Count("done"), job.Count("stored"), job.Count("failed"), job.Count("notStored")));
        var hit = await env.GetAsync("/p/2?q=1");
        CacheAssert.Hit(hit);
        Assert.Equal("/p/2?q=1", hit.Text);
        CacheAssert.Hit(await env.GetAsync("/p/1"));
        Assert.Equal(["/p/1", "/p/2?q=1"], env.Origin.Log.Select(request => request.Target).Order());
        Assert.Equal(2, await env.MetricAsync("cachegateway_warmed_total{cause=\"api\",outcome=\"stored\"}"));
    }

    [Fact]
    public async Task Requests_LookLikeAClients_WithoutBeingCountedAsOne()
    {
        await using var env = await GatewayEnvironment.StartAsync(Policies);
        env.Origin.On(null, "*", _ => Reply.Ok("x"));

        await env.WarmAsync(new { urls = new[] { "/p/a%20b" } });
        var warmed = env.Origin.Last("/p/a%20b");
        await env.GetAsync("/p/other");
        var asked = env.Origin.Last("/p/other");

        Assert.Equal(asked.Header("Host"), warmed.Header("Host"));
        Assert.Equal(asked.Header("Via"), warmed.Header("Via"));
        Assert.Equal("GET /p/a%20b HTTP/1.1", warmed.RequestLine);
        // An answer is counted when it is out.
        await env.UntilMetric("cachegateway_requests_total", count => count > 0);
        Assert.Equal(1, await env.MetricAsync("cachegateway_requests_total"));
    }

    [Fact]
    public async Task WhatIsFresh_IsNotFetched_WhatIsStaleIsValidated()
    {
        await using var env = await GatewayEnvironment.StartAsync(Policies);
        env.Origin.On(null, "*", request => Reply.Conditional(request, "\"1\"", "x"));
        await env.GetAsync("/p/1");

        var first = await env.WarmAsync(new { urls = new[] { "/p/1" } });
        env.Time.AdvanceSeconds(601);
        var second = await env.WarmAsync(new { urls = new[] { "/p/1" } });

        Assert.Equal((1, 0), (first.Count("fresh"), first.Count("stored")));
        Assert.Equal((0, 1), (second.Count("fresh"), second.Count("stored")));
        Assert.Equal("\"1\"", env.Origin.Last("/p/1").Header("If-None-Match"));
        CacheAssert.Hit(await env.GetAsync("/p/1"), Reason.Fresh);
    }

    [Fact]
    public async Task WhatCannotBeStored_IsSaidWithItsReason()
    {
        await using var env = await GatewayEnvironment.StartAsync(Policies);
        env.Origin.On(null, "/p/private", _ => Reply.Ok("x", "Cache-Control: private"));
        env.Origin.On(null, "/p/broken", _ => Reply.Of(503, "x"));
        env.Origin.On(null, "/p/cut", _ => Reply.Ok("x") with { DeclaredLength = 10, Ending = ReplyEnding.Close });

        var job = await env.WarmAsync(new { urls = new[] { "/p/private", "/p/broken", "/p/cut", "/off", "/unnamed?token=SECRET" }, concurrency = 1 });

        Assert.Equal((5, 0, 4, 1), (job.Count("done"), job.Count("stored"), job.Count("notStored"), job.Count("failed")));
        Assert.Equal(
            ["response-private 200", "response-status 503", "response-incomplete 200", "policy-off 0", "no-policy 0"],
            job.GetProperty("problems").EnumerateArray().Select(problem => $"{problem.GetProperty("reason").GetString()} {problem.Count("status")}"));
        Assert.DoesNotContain("SECRET", job.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Redirect_IsNotFollowed()
    {
        await using var env = await GatewayEnvironment.StartAsync(Policies);
        env.Origin.On(null, "/p/1", _ => Reply.Of(302, "", $"Location: {env.Origin.Address}elsewhere", "Cache-Control: max-age=60"));

        await env.WarmAsync(new { urls = new[] { "/p/1" } });

        Assert.Equal("/p/1", Assert.Single(env.Origin.Log).Target);
    }

    [Fact]
    public async Task ClientDuringAWarmUp_SharesItsFetch()
    {
        await using var env = await GatewayEnvironment.StartAsync(Policies);
        env.Origin.On(null, "*", _ => Reply.Ok("x"));
        env.Origin.Hold("/p/1");
        var id = await env.StartWarmingAsync(new { urls = new[] { "/p/1" } });
        await env.Origin.Reached("/p/1");

        var client = env.GetAsync("/p/1");
        await env.UntilMetric("cachegateway_fill_waiting", waiting => waiting == 1);
        env.Origin.Release("/p/1");

        Assert.Equal("x", (await client).Text);
        Assert.Equal(1, (await env.WarmEndAsync(id)).Count("stored"));
        Assert.Single(env.Origin.Log);
    }

    /// <summary>What is settled by its head keeps no warm-up waiting, and no warm-up keeps it going when its client has left.</summary>
    [Fact]
    public async Task ClientsFetch_ThatTurnsOutToBePrivate_EndsAWarmUpThatJoinedIt_AndEndsWithItsClient()
    {
        await using var env = await GatewayEnvironment.StartAsync(Slow);
        var (answer, closed) = (new Gate(), new Gate());
        env.Origin.On("GET", "/p/1", async exchange =>
        {
            await answer.Opened;
            await exchange.SendAsync("HTTP/1.1 200 OK\r\nCache-Control: private\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nx\r\n");
            await exchange.Reader.CopyToEndAsync(Stream.Null, exchange.Stopping);
            closed.Open();
        });
        await using var client = await env.ConnectAsync();
        await client.SendAsync("GET", "/p/1", []);
        await env.Origin.Reached("/p/1");
        var warming = Join(env);

        answer.Open();

        Assert.Equal(new WarmResult(WarmOutcome.NotStored, 200, Reason.ResponsePrivate), await Deadline.Within(warming, "the warm-up's end"));
        await client.ReadHeadAsync();
        client.Abort();
        await closed.WaitAsync("the end of the origin's connection");
        Assert.Single(env.Origin.Log);
    }

    /// <summary>Each counts as one who wants the answer: without a limit they would keep it, and each other, for ever.</summary>
    [Fact]
    public async Task WarmUps_ThatShareAFetchWithoutEnd_GiveItUp()
    {
        await using var env = await GatewayEnvironment.StartAsync(Slow);
        var closed = new Gate();
        env.Origin.On("GET", "/p/1", async exchange =>
        {
            await exchange.SendAsync("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nx\r\n");
            await exchange.Reader.CopyToEndAsync(Stream.Null, exchange.Stopping);
            closed.Open();
        });
        var first = Join(env);
        var second = Join(env);

        // Twice the five minutes that a fetch goes on for nobody: those of the two, and then its own. The day of betweenBytesTimeout is far.
        await Deadline.Until(
            () =>
            {
                env.Time.AdvanceSeconds(10);
                return Task.FromResult(closed.Opened.IsCompleted);
            },
            "the end of the origin's connection");

        Assert.All([await first, await second], result => Assert.Equal(new WarmResult(WarmOutcome.NotStored, 200, Reason.ResponseIncomplete), result));
        Assert.Single(env.Origin.Log);
    }

    [Fact]
    public async Task InvalidationDuringAWarmUp_Wins()
    {
        await using var env = await GatewayEnvironment.StartAsync(Policies);
        var version = "old";
        env.Origin.On(null, "*", _ => Reply.Ok(version));
        var old = new Gate();
        var asked = 0;
        env.Origin.On(null, "/p/1", async exchange =>
        {
            // The first answer was made before the change, however late this runs.
            var answer = Interlocked.Increment(ref asked) == 1 ? "old" : version;
            if (answer == "old")
            {
                await old.Opened;
            }

            await exchange.SendAsync(Reply.Ok(answer));
        });
        var id = await env.StartWarmingAsync(new { urls = new[] { "/p/1" } });
        await env.Origin.Reached("/p/1");

        version = "new";
        await env.InvalidateAsync("p");
        old.Open();

        Assert.Equal(0, (await env.WarmEndAsync(id)).Count("stored"));
        var answer = await env.GetAsync("/p/1");
        CacheAssert.Miss(answer);
        Assert.Equal("new", answer.Text);
    }

    [Fact]
    public async Task Cancel_StartsNothingMore()
    {
        await using var env = await GatewayEnvironment.StartAsync(Policies);
        env.Origin.On(null, "*", _ => Reply.Ok("x"));
        env.Origin.Hold("/p/1");
        var id = await env.StartWarmingAsync(new { urls = Enumerable.Range(1, 100).Select(i => $"/p/{i}"), concurrency = 1 });
        await env.Origin.Reached("/p/1");

        using var cancelled = await env.PostAdminAsync($"{WarmUps.Path}/{id}/cancel", "{}");
        env.Origin.Release("/p/1");

        Assert.Equal(HttpStatusCode.OK, cancelled.StatusCode);
        Assert.Equal("cancelled", (await env.WarmEndAsync(id)).GetProperty("state").GetString());
        Assert.Single(env.Origin.Log);
        await env.UntilMetric("cachegateway_fill_under_way", fills => fills == 0);
        CacheAssert.Hit(await env.GetAsync("/p/1"));
    }

    [Fact]
    public async Task FourRunSideBySide_AndTheFifthIsRefusedUntilOneEnds()
    {
        await using var env = await GatewayEnvironment.StartAsync(Policies);
        env.Origin.On(null, "*", _ => Reply.Ok("x"));
        var ids = new List<string>();
        for (var i = 0; i < 4; i++)
        {
            env.Origin.Hold($"/p/{i}");
            ids.Add(await env.StartWarmingAsync(new { urls = new[] { $"/p/{i}" } }));
        }

        using var refused = await env.PostAdminAsync(WarmUps.Path, """{ "urls": ["/p/4"] }""");
        Assert.Equal((HttpStatusCode.TooManyRequests, "4 warm-ups are running"), (refused.StatusCode, (await WarmUps.ReadAsync(refused)).GetProperty("title").GetString()));

        env.Origin.Release("/p/0");
        Assert.Equal(1, (await env.WarmEndAsync(ids[0])).Count("stored"));
        ids.Add(await env.StartWarmingAsync(new { urls = new[] { "/p/4" } }));
        for (var i = 1; i < 4; i++)
        {
            env.Origin.Release($"/p/{i}");
        }

        foreach (var id in ids)
        {
            Assert.Equal(1, (await env.WarmEndAsync(id)).Count("stored"));
        }
    }

    [Fact]
    public async Task Concurrency_IsNeverExceeded()
    {
        await using var env = await GatewayEnvironment.StartAsync(Policies);
        var (now, most) = (0, 0);
        var (gate, three) = (new Lock(), new Gate());
        env.Origin.On(null, "*", async exchange =>
        {
            lock (gate)
            {
                most = Math.Max(most, ++now);
                if (now == 3)
                {
                    three.Open();
                }
            }

            await three.WaitAsync("three at once");
            await Task.Delay(5);
            lock (gate)
            {
                now--;
            }

            await exchange.SendAsync(Reply.Ok("x"));
        });

        var job = await env.WarmAsync(new { urls = Enumerable.Range(1, 60).Select(i => $"/p/{i}"), concurrency = 3 });

        Assert.Equal(60, job.Count("stored"));
        Assert.Equal(3, most);
    }

    [Fact]
    public async Task Rate_IsHeld()
    {
        await using var env = await GatewayEnvironment.StartAsync(Policies);
        env.Origin.On(null, "*", _ => Reply.Ok("x"));

        // The clock stands still: one a second is one until it moves.
        var id = await env.StartWarmingAsync(new { urls = new[] { "/p/1", "/p/2", "/p/3" }, ratePerSecond = 1, concurrency = 3 });
        await env.Origin.Reached("*");
        await Deadline.Until(async () => (await env.WarmJobAsync(id)).Count("done") == 1, "the first");
        env.Time.AdvanceSeconds(1);
        await env.Origin.Reached("*", 2);
        await Deadline.Until(async () => (await env.WarmJobAsync(id)).Count("done") == 2, "the second");

        Assert.Equal(2, env.Origin.Log.Count);
        env.Time.AdvanceSeconds(1);
        Assert.Equal(3, (await env.WarmEndAsync(id)).Count("stored"));
    }

    [Fact]
    public async Task JobsThatEnded_AreForgotten_BehindOneThatRunsLongToo()
    {
        await using var env = await GatewayEnvironment.StartAsync(Policies);
        env.Origin.On(null, "*", _ => Reply.Ok("x"));
        env.Origin.Hold("/p/1");
        var running = await env.StartWarmingAsync(new { urls = new[] { "/p/1" } });
        for (var i = 0; i < 25; i++)
        {
            await env.WarmAsync(new { urls = new[] { "/p/2" } });
        }

        using var answer = await env.AdminAsync(WarmUps.Path);
        var ids = (await WarmUps.ReadAsync(answer)).EnumerateArray().Select(job => job.GetProperty("id").GetString()).ToList();

        Assert.Equal(20, ids.Count);
        Assert.Contains(running, ids);
        env.Origin.Release("/p/1");
    }

    [Fact]
    public async Task Get_NeverStartsAnything()
    {
        await using var env = await GatewayEnvironment.StartAsync(Policies);

        using var list = await env.AdminAsync(WarmUps.Path);
        using var unknown = await env.AdminAsync($"{WarmUps.Path}/nothing");
        using var cancel = await env.AdminAsync($"{WarmUps.Path}/nothing/cancel");

        Assert.Equal((HttpStatusCode.OK, HttpStatusCode.NotFound, HttpStatusCode.MethodNotAllowed), (list.StatusCode, unknown.StatusCode, cancel.StatusCode));
        Assert.Empty(env.Origin.Log);
    }

    /// <summary>A warm-up of /p/1, which has begun or joined a fetch when this returns; from outside nobody sees that it did.</summary>
    private static Task<WarmResult> Join(GatewayEnvironment env) => env.Services.GetRequiredService<Warmer>().WarmAsync(
        new WarmTarget("http", env.Address.Authority, "/p/1", WarmTarget.NoHeaders), CancellationToken.None);
}
