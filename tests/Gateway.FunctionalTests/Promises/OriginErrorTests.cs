using CacheGateway.Model;

namespace CacheGateway.FunctionalTests.Promises;

/// <summary>What clients get of 500, 502, 503 and 504 that the origin itself answers: its own answer where nothing better is stored, and never one in the place of something better.</summary>
public sealed class OriginErrorTests
{
    private const string Waiting = "cachegateway_fill_waiting";
    private const int Clients = 8;

    [Theory]
    [Fault("F-33", "Whoever waited for an answer that is an error gets the origin's own, and the origin is asked twice for all of them")]
    [InlineData(500, CacheProfile.Safe)]
    [InlineData(503, CacheProfile.Safe)]
    [InlineData(503, CacheProfile.Rfc9111)]
    public async Task WhoWaited_GetsTheOriginsOwnAnswer(int status, CacheProfile profile)
    {
        await using var env = await GatewayEnvironment.StartAsync(new EnvironmentOptions { Profile = profile });
        env.Origin.Get("/x", Reply.Of(status, "maintenance", "Retry-After: 120", "Vary: Accept-Encoding"));

        var answers = await AskTogetherAsync(env, _ => [], async () =>
        {
            // Its answer takes longer than the others need to wait for it.
            env.Origin.ReleaseAndHold("/x");
            await env.Origin.Reached("/x", 2);
            await env.UntilMetric(Waiting, count => count == Clients - 2);
        });

        Assert.All(answers, answer => Assert.Equal((status, "maintenance", "120"), (answer.Status, answer.Text, answer.Header("Retry-After"))));
        Assert.Equal(2, env.Origin.Requests("/x"));
        Assert.Equal(Clients - 2, answers.Count(answer => answer.CacheStatus!.IsCollapsed));
        await env.UntilMetric("cachegateway_fill_held_bytes", bytes => bytes == 0);
    }

    [Theory]
    [Attack("C06", "A stored Set-Cookie")]
    [InlineData("Set-Cookie: session={0}", CacheProfile.Safe)]
    [InlineData("Set-Cookie: session={0}", CacheProfile.Rfc9111)]
    [InlineData("Cache-Control: private", CacheProfile.Safe)]
    [InlineData("Cache-Control: private", CacheProfile.Rfc9111)]
    [InlineData("Cache-Control: no-store", CacheProfile.Safe)]
    [InlineData("Cache-Control: no-store", CacheProfile.Rfc9111)]
    [InlineData("Vary: *", CacheProfile.Safe)]
    [InlineData("Vary: *", CacheProfile.Rfc9111)]
    public async Task ErrorThatIsForOneAlone_GoesToNobodyElse(string line, CacheProfile profile)
    {
        await using var env = await GatewayEnvironment.StartAsync(new EnvironmentOptions { Profile = profile });
        var asked = 0;
        env.Origin.Get("/x", _ =>
        {
            var number = Interlocked.Increment(ref asked);
            return Reply.Of(503, $"{number}", line.Replace("{0}", $"{number}", StringComparison.Ordinal));
        });

        var answers = await AskTogetherAsync(env, _ => []);

        Assert.Equal(Clients, answers.Select(answer => answer.Text).Distinct().Count());
        Assert.All(answers, answer => Assert.Equal(503, answer.Status));
    }

    [Fact]
    public async Task ErrorThatVaries_GoesToWhomItWasChosenFor()
    {
        await using var env = await GatewayEnvironment.StartAsync();
        env.Origin.Get("/x", request => Reply.Of(503, request.Header("Accept-Language")!, "Vary: Accept-Language"));

        var answers = await AskTogetherAsync(env, i => [$"Accept-Language: {i % 2}"]);

        Assert.Equal(Enumerable.Range(0, Clients).Select(i => (503, $"{i % 2}")), answers.Select(answer => (answer.Status, answer.Text)));
    }

    [Theory]
    [Fault("F-33", "An error that may be stored takes the place of nothing that may stand in for it")]
    [InlineData(CacheProfile.Safe, """{ "policies": { "p": { "match": { "path": "/x" }, "ttl": "60s", "staleIfError": "60s", "statuses": { "503": "5s" } } } }""", "X: y", "X: y")]
    [InlineData(CacheProfile.Rfc9111, null, "Cache-Control: max-age=60, stale-if-error=60", "Cache-Control: max-age=30")]
    public async Task ErrorThatMayBeStored_ReplacesNothingThatStandsInForIt(CacheProfile profile, string? policies, string good, string bad)
    {
        await using var env = await GatewayEnvironment.StartAsync(new EnvironmentOptions { Profile = profile, Policies = policies });
        env.Origin.Get("/x", Reply.Ok("good", good), Reply.Of(503, "down", bad));
        await env.GetAsync("/x");
        env.Time.AdvanceSeconds(61);

        for (var i = 0; i < 2; i++)
        {
            var stale = await env.GetAsync("/x");
            CacheAssert.Hit(stale, Reason.StaleIfError);
            Assert.Equal((200, "good"), (stale.Status, stale.Text));
        }

        env.Time.AdvanceSeconds(60);
        Assert.Equal((503, "down"), ((await env.GetAsync("/x")) is var late ? late.Status : 0, late.Text));
        var requests = env.Origin.Requests("/x");
        Assert.Equal("down", (await env.GetAsync("/x")).Text);
        Assert.Equal(requests, env.Origin.Requests("/x"));
    }

    [Fact]
    public async Task ReloadThatMeetsAnError_LeavesWhatIsFresh()
    {
        await using var env = await GatewayEnvironment.StartAsync(new EnvironmentOptions { Profile = CacheProfile.Rfc9111 });
        env.Origin.Get("/x", Reply.Ok("good", "Cache-Control: max-age=600"), Reply.Of(503, "down", "Cache-Control: max-age=30"));
        await env.GetAsync("/x");

        await env.GetAsync("/x", "Cache-Control: no-cache");

        CacheAssert.Hit(await env.GetAsync("/x"), Reason.Fresh);
    }

    [Theory]
    [Covers("RFC 9110 9.3.2", "A HEAD is told what a GET would be, also where what is stored stands in for an error")]
    [InlineData(500)]
    [InlineData(503)]
    [InlineData(0)]
    public async Task Head_IsToldOfWhatStandsIn(int status)
    {
        await using var env = await GatewayEnvironment.StartAsync();
        env.Origin.Get("/x", Reply.Ok("good", "Cache-Control: max-age=60, stale-if-error=60"), status == 0 ? Reply.Exactly("", ReplyEnding.Reset) : Reply.Of(status, "down"));
        env.Origin.On("HEAD", "/x", _ => status == 0 ? Reply.Exactly("", ReplyEnding.Reset) : Reply.Of(status, "down"));
        await env.GetAsync("/x");
        env.Time.AdvanceSeconds(61);

        var head = await env.SendAsync("HEAD", "/x");
        var get = await env.GetAsync("/x");

        Assert.Equal((200, "4"), (head.Status, head.Header("Content-Length")));
        CacheAssert.Hit(head, Reason.StaleIfError);
        Assert.Equal("good", get.Text);
    }

    [Fact]
    public async Task FailureThatAnotherAnswerHides_IsCounted()
    {
        await using var env = await GatewayEnvironment.StartAsync();
        env.Origin.Get("/x", Reply.Ok("good", "Cache-Control: max-age=60, stale-if-error=60"));
        env.Origin.On("HEAD", "/x", _ => Reply.Exactly("", ReplyEnding.Reset));
        await env.GetAsync("/x");
        env.Time.AdvanceSeconds(61);

        CacheAssert.Hit(await env.SendAsync("HEAD", "/x"), Reason.StaleIfError);

        Assert.Equal(1, await env.MetricAsync("cachegateway_origin_failures_total"));
    }

    /// <summary>Who waited in vain for a slow origin asks it alone: what comes then is an error as well, and the stored answer is as good for him, and stays.</summary>
    [Theory]
    [Fault("F-33", "Whoever waited in vain for a slow origin, and is answered an error alone: what is stored stands in for it, and stays")]
    [InlineData(CacheProfile.Safe, """{ "policies": { "p": { "match": { "path": "/x" }, "ttl": "60s", "staleIfError": "1h", "statuses": { "503": "5s" } } } }""", "X: y", "X: y")]
    [InlineData(CacheProfile.Rfc9111, null, "Cache-Control: max-age=60, stale-if-error=3600", "Cache-Control: max-age=30")]
    [InlineData(CacheProfile.Rfc9111, null, "Cache-Control: max-age=60, stale-if-error=3600", "Cache-Control: no-store")]
    public async Task WhoWaitedInVain_GetsWhatStandsIn_AndItStays(CacheProfile profile, string? policies, string good, string bad)
    {
        await using var env = await GatewayEnvironment.StartAsync(new EnvironmentOptions { Profile = profile, Policies = policies });
        env.Origin.Get("/x", Reply.Ok("good", good), Reply.Of(503, "down", bad));
        await env.GetAsync("/x");
        env.Time.AdvanceSeconds(61);
        var answers = await AskTogetherAsync(env, _ => [], async () =>
        {
            env.Time.AdvanceSeconds(6);
            await env.Origin.Reached("/x", 1 + Clients);
        });

        Assert.All(answers, answer => Assert.Equal((200, "good"), (answer.Status, answer.Text)));
        Assert.All(answers, answer => CacheAssert.Hit(answer, Reason.StaleIfError));
        Assert.Equal((200, "good"), (await env.GetAsync("/x")) is var late ? (late.Status, late.Text) : default);
    }

    /// <summary>The first at the origin before the others ask; the answers in the order of the clients.</summary>
    private static async Task<RawResponse[]> AskTogetherAsync(GatewayEnvironment env, Func<int, string[]> lines, Func<Task>? whileTheyWait = null)
    {
        env.Origin.Hold("/x");
        var first = env.GetAsync("/x", lines(0));
        await env.Origin.Reached("/x");
        var others = Enumerable.Range(1, Clients - 1).Select(i => env.GetAsync("/x", lines(i))).ToArray();
        await env.UntilMetric(Waiting, count => count == Clients - 1);
        await (whileTheyWait?.Invoke() ?? Task.CompletedTask);
        env.Origin.Release("/x");
        return await Task.WhenAll([first, .. others]);
    }
}
