using System.Collections.Concurrent;
using CacheGateway.Diagnostics;
using CacheGateway.Pipeline.Resilience;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Yarp.ReverseProxy.Health;
using Yarp.ReverseProxy.Model;

namespace CacheGateway.FunctionalTests.Faults;

/// <summary>Several destinations, of which some answer: those do, for the others too.</summary>
public sealed class OtherOriginTests
{
    /// <summary>The first destination is chosen whenever it may be, and nothing takes it out of use.</summary>
    private const string FirstOfAll = "\"LoadBalancingPolicy\": \"FirstAlphabetical\", \"HealthCheck\": { \"Passive\": { \"Enabled\": false } },";

    /// <summary>More is saved up for retries than one request may take, and no breaker opens.</summary>
    private static readonly OriginLimits Patient = new() { BreakerRequests = 100_000, BreakerConnects = 100_000, RetryPercent = 500 };

    [Fact]
    [Fault("F-30", "One of two destinations gives no answers: its requests are sent once more to the other, and soon it gets none")]
    public async Task OneOfTwoAway_TheOtherAnswers()
    {
        await using var sound = ScriptedOrigin.Start(TimeProvider.System);
        sound.Get("/*", Reply.Ok("sound", "Cache-Control: no-store"));
        await using var away = FaultProxy.Before(1);
        away.Welcome = FaultWelcome.Reset;
        await using var env = await BeforeAsync(
            new OriginLimits { BreakerRequests = 4, RetryPercent = 100 }, "", away.Url, sound.Address);

        for (var i = 0; i < 30; i++)
        {
            Assert.Equal((200, "sound"), ((await env.GetAsync($"/{i}")).Status, (await env.GetAsync($"/{i}")).Text));
        }

        Assert.Equal(1, await env.MetricAsync("cachegateway_origin_left_alone"));
        Assert.InRange(away.Resets, 1, 10);
        Assert.True(await env.MetricAsync("cachegateway_origin_retries_total") > 0, "retries are counted");
    }

    /// <summary>Few requests, no budget for retries: what was not sent needs neither.</summary>
    [Theory]
    [Fault("F-30", "One of two destinations cannot be connected to (refused, packets that vanish, a certificate that nobody trusts), and requests are few: the other answers each of them, writes too, soon that one alone is asked, and the log says why")]
    [InlineData("refused", "ConnectionRefused")]
    [InlineData("silent", "no connection in time")]
    [InlineData("untrusted", "no TLS: The remote certificate is invalid")]
    public async Task OneOfTwoNotConnected_TheOtherAnswersEach(string how, string words)
    {
        await using var sound = ScriptedOrigin.Start(TimeProvider.System);
        sound.On(null, "/*", Reply (request) => Reply.Ok($"{request.Method} {request.BodyText}", "Cache-Control: no-store"));
        using var silent = new FullBacklog();
        await using var untrusted = UntrustedOrigin.Start();
        var away = how switch
        {
            "refused" => new Uri($"http://127.0.0.1:{StandingPort.Number()}"),
            "silent" => silent.Address,
            _ => untrusted.Address,
        };
        var log = new KeptLog();
        await using var env = await BeforeAsync(new OriginLimits { RetryPercent = 0 }, "", [away, sound.Address], log, TimeSpan.FromSeconds(how == "silent" ? 2 : 20));

        for (var i = 0; i < 8; i++)
        {
            Assert.Equal((200, "GET "), ((await env.GetAsync($"/{i}")).Status, (await env.GetAsync($"/{i}")).Text));
            Assert.Equal("POST body", (await env.SendAsync("POST", $"/{i}", "body")).Text);
            Assert.Equal("DELETE ", (await env.SendAsync("DELETE", $"/{i}")).Text);
            Assert.Equal("PUT ", (await env.SendAsync("PUT", $"/{i}", "")).Text);
        }

        Assert.Equal(1, await env.MetricAsync("cachegateway_origin_left_alone"));
        Assert.InRange(await env.MetricAsync("cachegateway_origin_retries_total"), 3, 6);
        Assert.Contains(log.Lines, line => line.Contains($"The origin {away} could not answer", StringComparison.Ordinal) && line.Contains(words, StringComparison.Ordinal));
    }

    [Theory]
    [Fault("F-29", "A request that changes something and of which anything was sent goes to no other destination, whether its connection breaks or its answer is too long in coming")]
    [InlineData("reset", 502)]
    [InlineData("silent", 504)]
    public async Task WriteThatWasSent_GoesToNoOther(string how, int status)
    {
        const int Writes = 4;
        await using var first = ScriptedOrigin.Start(TimeProvider.System);
        await using var second = ScriptedOrigin.Start(TimeProvider.System);
        ScriptedOrigin[] both = [first, second];
        foreach (var origin in both)
        {
            origin.On(null, "/x", async exchange =>
            {
                await exchange.ReadBodyAsync();
                await (how == "reset" ? exchange.SendAsync(Reply.Exactly("", ReplyEnding.Reset)) : Task.Delay(Timeout.Infinite, exchange.Stopping));
            });
        }

        // Only who is silent is meant to come to it.
        var limit = TimeSpan.FromSeconds(how == "reset" ? 20 : 1);
        // Of a request with content it is YARP's own limit.
        await using var env = await BeforeAsync(
            new OriginLimits { FirstByte = limit, BetweenBytes = limit }, $"\"HttpRequest\": {{ \"ActivityTimeout\": \"{limit:c}\" }},", [.. both.Select(origin => origin.Address)]);

        for (var i = 0; i < Writes; i++)
        {
            Assert.Equal(status, (await env.SendAsync(i % 2 == 0 ? "POST" : "DELETE", "/x", i % 2 == 0 ? "body" : null)).Status);
        }

        // A slow machine may be silent before it has come there.
        Assert.InRange(both.Sum(origin => origin.Requests("/x")), how == "reset" ? Writes : 1, Writes);
    }

    [Theory]
    [Fault("F-30", "A destination is left alone while nothing takes it out of use: what is meant for it goes to the other, writes too")]
    [InlineData("GET")]
    [InlineData("POST")]
    public async Task LeftAlone_AndStillChosen_TheOtherAnswers(string method)
    {
        await using var sound = ScriptedOrigin.Start(TimeProvider.System);
        sound.On("GET", "/*", Reply (_) => Reply.Ok("sound", "Cache-Control: no-store"));
        sound.On("POST", "/*", Reply (_) => Reply.Ok("sound", "Cache-Control: no-store"));
        await using var away = FaultProxy.Before(1);
        away.Welcome = FaultWelcome.Reset;
        await using var env = await BeforeAsync(
            new OriginLimits { BreakerRequests = 4, RetryPercent = 100 }, "\"HealthCheck\": { \"Passive\": { \"Enabled\": false } },", away.Url, sound.Address);
        for (var i = 0; i < 30; i++)
        {
            Assert.Equal("sound", (await env.GetAsync($"/{i}")).Text);
        }

        Assert.Equal(1, await env.MetricAsync("cachegateway_origin_left_alone"));
        var resets = away.Resets;
        for (var i = 0; i < 10; i++)
        {
            Assert.Equal("sound", (await env.SendAsync(method, "/x", method == "POST" ? "body" : null)).Text);
        }

        Assert.Equal(resets, away.Resets);
    }

    [Theory]
    [Fault("F-52", "Destinations have as many requests as they are given at once, and another has room: what is meant for them goes to that one, writes too")]
    [InlineData("GET")]
    [InlineData("POST")]
    public async Task AllButOneBusy_ThatOneAnswers(string method)
    {
        await using var sound = ScriptedOrigin.Start(TimeProvider.System);
        await using var first = ScriptedOrigin.Start(TimeProvider.System);
        await using var second = ScriptedOrigin.Start(TimeProvider.System);
        ScriptedOrigin[] busy = [first, second];
        var gate = new Gate();
        foreach (var origin in busy)
        {
            origin.Get("/long", Reply.Chunked(["first ", gate, "second"], "Cache-Control: no-store"));
        }

        sound.Get("/long", Reply.Ok("short", "Cache-Control: no-store"));
        sound.On(method, "/x", Reply (_) => Reply.Ok("sound", "Cache-Control: no-store"));
        await using var env = await BeforeAsync(
            new OriginLimits { MaxRequests = 4, RetryPercent = 0 }, "", [.. busy.Select(origin => origin.Address), sound.Address]);
        var clients = new List<RawClient>();
        while (busy.Any(origin => origin.Requests("/long") < 4))
        {
            clients.Add(await env.ConnectAsync());
            await clients[^1].SendAsync("GET", "/long", []);
            await clients[^1].ReadHeadAsync();
        }

        for (var i = 0; i < 10; i++)
        {
            Assert.Equal("sound", (await env.SendAsync(method, "/x", method == "POST" ? "body" : null)).Text);
        }

        Assert.Equal(0, await env.MetricAsync("cachegateway_origin_retries_total"));
        clients.ForEach(client => client.Abort());
        gate.Open();
    }

    [Fact]
    [Fault("F-30", "Where the configuration names another of the proxy's passive health checks, that one hears of every request")]
    public async Task PassiveHealthCheckOfTheConfiguration_HearsHowRequestsEnd()
    {
        const int Requests = 60;
        await using var sound = ScriptedOrigin.Start(TimeProvider.System);
        sound.Get("/*", Reply.Ok("sound", "Cache-Control: no-store"));
        await using var away = FaultProxy.Before(1);
        away.Welcome = FaultWelcome.Reset;
        await using var env = await BeforeAsync(
            new OriginLimits { BreakerRequests = 100_000, BreakerConnects = 100_000, RetryPercent = 100 }, "\"HealthCheck\": { \"Passive\": { \"Enabled\": true, \"Policy\": \"TransportFailureRate\", \"ReactivationPeriod\": \"01:00:00\" } },", away.Url, sound.Address);

        for (var i = 0; i < Requests; i++)
        {
            Assert.Equal("sound", (await env.GetAsync($"/{i}")).Text);
        }

        Assert.InRange(away.Resets, 1, Requests / 3);
        Assert.Equal(0, await env.MetricAsync("cachegateway_origin_left_alone"));
    }

    [Fact]
    [Fault("F-52", "A request that a destination was not sent, because it has as many as it is given at once, says nothing of its health to the check that the configuration names")]
    public async Task PassiveHealthCheckOfTheConfiguration_HearsNothingOfWhatWasNotSent()
    {
        const int Most = 4;
        await using var busy = ScriptedOrigin.Start(TimeProvider.System);
        await using var sound = ScriptedOrigin.Start(TimeProvider.System);
        var gate = new Gate();
        busy.Get("/long", Reply.Chunked(["first ", gate, "second"], "Cache-Control: no-store"));
        sound.Get("/*", Reply.Ok("sound", "Cache-Control: no-store"));
        var heard = new HeardHealth();
        await using var env = await BeforeAsync(
            new OriginLimits { MaxRequests = Most, RetryPercent = 0 },
            $"\"LoadBalancingPolicy\": \"FirstAlphabetical\", \"HealthCheck\": {{ \"Passive\": {{ \"Enabled\": true, \"Policy\": \"{heard.Name}\" }} }},",
            [busy.Address, sound.Address], new KeptLog(), TimeSpan.FromSeconds(2), heard);
        var clients = new List<RawClient>();
        for (var i = 0; i < Most; i++)
        {
            clients.Add(await env.ConnectAsync());
            await clients[^1].SendAsync("GET", "/long", []);
            await clients[^1].ReadHeadAsync();
        }

        for (var i = 0; i < 10; i++)
        {
            Assert.Equal("sound", (await env.GetAsync("/x")).Text);
        }

        // Told when the answer has ended, which its client knows a moment before.
        await Deadline.Until(() => Task.FromResult(heard.Of("b") == 10), "all that were sent are told");
        Assert.Equal(0, heard.Of("a"));
        clients.ForEach(client => client.Abort());
        gate.Open();
    }

    [Fact]
    [Fault("F-29", "A request that gets no answer is sent once more to another destination than the last, also where the first would be chosen again")]
    public async Task SentOnceMore_GoesToAnother()
    {
        await using var sound = ScriptedOrigin.Start(TimeProvider.System);
        sound.Get("/x", Reply.Ok("sound", "Cache-Control: no-store"));
        await using var broken = ScriptedOrigin.Start(TimeProvider.System);
        broken.Get("/x", Reply.Exactly("", ReplyEnding.Reset));
        await using var env = await BeforeAsync(Patient, FirstOfAll, broken.Address, sound.Address);

        Assert.Equal("sound", (await env.GetAsync("/x")).Text);
        Assert.Equal(1, broken.Requests("/x"));
    }

    [Fact]
    [Fault("F-30", "A client is bound to a destination that cannot be connected to: another answers, and the client is bound to that one")]
    public async Task BoundToOneThatIsAway_IsBoundToTheOneThatAnswers()
    {
        await using var first = ScriptedOrigin.Start(TimeProvider.System);
        await using var second = ScriptedOrigin.Start(TimeProvider.System);
        first.Get("/x", Reply.Ok("first", "Cache-Control: no-store"));
        second.Get("/x", Reply.Ok("second", "Cache-Control: no-store"));
        await using var env = await BeforeAsync(
            Patient, FirstOfAll + "\"SessionAffinity\": { \"Enabled\": true, \"Policy\": \"Cookie\", \"AffinityKeyName\": \".affinity\" },", first.Address, second.Address);
        var bound = Cookie(await env.GetAsync("/x"));
        Assert.False((await env.GetAsync("/x", bound!)).Has("Set-Cookie"), "bound anew");

        await first.GoAway();
        var moved = await env.GetAsync("/x", bound!);
        first.Return();

        Assert.Equal("second", moved.Text);
        var stays = await env.GetAsync("/x", Cookie(moved) ?? "X-No: cookie");
        Assert.Equal(("second", false), (stays.Text, stays.Has("Set-Cookie")));

        static string? Cookie(RawResponse response) => response.Header("Set-Cookie") is { } set ? $"Cookie: {set.Split(';')[0]}" : null;
    }

    [Fact]
    [Fault("F-37", "While the gateway drains, an answer that took a second attempt asks its client to leave as well")]
    public async Task SentOnceMore_WhileItDrains_AsksItsClientToLeave()
    {
        await using var sound = ScriptedOrigin.Start(TimeProvider.System);
        sound.Get("/x", Reply.Ok("sound", "Cache-Control: no-store"));
        await using var broken = ScriptedOrigin.Start(TimeProvider.System);
        broken.Get("/x", Reply.Exactly("", ReplyEnding.Reset));
        await using var env = await BeforeAsync(Patient, FirstOfAll, broken.Address, sound.Address);
        env.Services.GetRequiredService<DrainState>().Begin();

        var answer = await env.GetAsync("/x");

        Assert.Equal(("sound", "close"), (answer.Text, answer.Header("Connection")));
        Assert.Equal(1, broken.Requests("/x"));
    }

    [Fact]
    [Fault("F-29", "A request that gets no answer a second time is not sent a third time, whatever is saved up for retries")]
    public async Task SentOnceMore_AndNoMore()
    {
        await using var broken = ScriptedOrigin.Start(TimeProvider.System);
        broken.Get("/x", Reply.Exactly("", ReplyEnding.Reset));
        await using var env = await BeforeAsync(Patient, FirstOfAll, broken.Address);

        Assert.Equal(502, (await env.GetAsync("/x")).Status);
        Assert.Equal(2, broken.Requests("/x"));
        Assert.Equal(1, await env.MetricAsync("cachegateway_origin_retries_total"));
    }

    [Fact]
    [Fault("F-30", "No destination can be connected to: each is tried once, and the client is told")]
    public async Task NoneConnected_EachIsTriedOnce()
    {
        Uri[] away = [.. Enumerable.Range(0, 3).Select(_ => new Uri($"http://127.0.0.1:{StandingPort.Number()}"))];
        await using var env = await BeforeAsync(Patient with { RetryPercent = 0 }, FirstOfAll, away);

        Assert.Equal(502, (await env.SendAsync("POST", "/x", "body")).Status);
        Assert.Equal(away.Length - 1, await env.MetricAsync("cachegateway_origin_retries_total"));
    }

    /// <summary>The attempt that opens the breaker was made, whatever becomes of the next one.</summary>
    [Fact]
    public async Task LeftAloneBetweenTwoAttempts_CountsAsAskedInVain()
    {
        await using var broken = ScriptedOrigin.Start(TimeProvider.System);
        broken.On("GET", "/*", exchange =>
        {
            exchange.Reset();
            return Task.CompletedTask;
        });
        await using var env = await BeforeAsync(Patient with { BreakerRequests = 3 }, "", broken.Address);

        await env.GetAsync("/1");
        await env.GetAsync("/2");
        Assert.Equal(3, broken.Requests("*"));
        await env.GetAsync("/3");

        Assert.Equal((2, 1), (await env.MetricAsync("cachegateway_origin_failures_total"), await env.MetricAsync("cachegateway_origin_not_asked_total")));
    }

    /// <summary>A gateway with one route to several destinations, in turn if nothing else is said, and whatever else is said of them.</summary>
    private static Task<GatewayEnvironment> BeforeAsync(OriginLimits limits, string members, params Uri[] destinations) =>
        BeforeAsync(limits, members, destinations, new KeptLog(), TimeSpan.FromSeconds(2));

    private static Task<GatewayEnvironment> BeforeAsync(
        OriginLimits limits, string members, Uri[] destinations, KeptLog log, TimeSpan connect, IPassiveHealthCheckPolicy? health = null) =>
        GatewayEnvironment.StartAsync(new EnvironmentOptions
        {
            Configuration = _ => $$"""
                { "ReverseProxy": {
                    "Routes": { "all": { "ClusterId": "c", "Match": { "Path": "/{**rest}" } } },
                    "Clusters": { "c": { {{(members.Contains("LoadBalancingPolicy", StringComparison.Ordinal) ? "" : "\"LoadBalancingPolicy\": \"RoundRobin\",")}} {{members}}
                      "Destinations": { {{string.Join(", ", destinations.Select((address, i) => $$"""
                        "{{(char)('a' + i)}}": { "Address": "{{address}}" }
                        """))}} } } } } }
                """,
            Settings = settings => settings with { OriginConnectTimeout = connect },
            Configure = builder =>
            {
                builder.Services.AddSingleton(limits);
                builder.Logging.AddProvider(log);
                if (health is not null)
                {
                    builder.Services.AddSingleton(health);
                }
            },
        });

    /// <summary>A health check that takes nothing out of use, and counts what it is told of each destination.</summary>
    private sealed class HeardHealth : IPassiveHealthCheckPolicy
    {
        private readonly ConcurrentDictionary<string, int> _heard = new();

        public string Name => "Heard";

        public int Of(string destination) => _heard.GetValueOrDefault(destination);

        public void RequestProxied(HttpContext context, ClusterState cluster, DestinationState destination) => _heard.AddOrUpdate(destination.DestinationId, 1, (_, count) => count + 1);
    }
}
