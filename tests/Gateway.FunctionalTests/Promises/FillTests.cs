using System.Collections.Concurrent;
using System.Text;
using CacheGateway.FunctionalTests.Policies;
using CacheGateway.Model;
using CacheGateway.Pipeline;
using CacheGateway.Pipeline.Resilience;
using CacheGateway.Storage;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Yarp.ReverseProxy.Transforms;
using Yarp.ReverseProxy.Transforms.Builder;

namespace CacheGateway.FunctionalTests.Promises;

/// <summary>Promises 3 and 7 for fetches under way: how long they go on, and what they count for.</summary>
public sealed class FillTests
{
    private const string UnderWay = "cachegateway_fill_under_way";
    private const string ByLength = "length";
    private const string ByChunks = "chunked";

    [Fact]
    public async Task FillsUnderWay_AreCountedExactly_WhateverEndsWhileOthersBegin()
    {
        var gate = new FillGate(new TagEpochs(TimeProvider.System), new GatewayLimits { MaxFills = int.MaxValue }, new OriginLimits(), TimeProvider.System);

        await Task.WhenAll(Enumerable.Range(0, 4).Select(worker => Task.Run(() =>
        {
            var key = new CacheKey($"/{worker}", new ResourceId("http", "gw.test", $"/{worker}", "p", false), 0);
            for (var i = 0; i < 200_000; i++)
            {
                var (_, fill) = gate.Join(key.Text, key, new CachePolicy { Name = "p" }, null, mustBeNew: true, background: false, 0, static _ => false);
                gate.End(fill!);
                fill!.Dispose();
            }
        })));

        Assert.Equal(0, gate.UnderWay);
    }

    /// <summary>Asking again must not be what ends a fetch that would have found its answer.</summary>
    [Fact]
    public void FetchThatGoesOnForNobody_KeepsItsPlace_WhenItIsJoinedAndLeftAgain()
    {
        const int TwoPlaces = 16;
        var gate = new FillGate(new TagEpochs(TimeProvider.System), new GatewayLimits { MaxFills = TwoPlaces }, new OriginLimits(), TimeProvider.System);
        Fill Join(string target) => gate.Join(
            target, new CacheKey(target, new ResourceId("http", "gw.test", target, "p", false), 0), new CachePolicy { Name = "p" }, null, mustBeNew: false, background: false, 0, static _ => false).Fill!;
        using Fill first = Join("/1"), second = Join("/2");
        gate.Leave(first);
        gate.Leave(second);
        Assert.Same(first, Join("/1"));
        using var third = Join("/3");

        gate.Leave(third);
        gate.Leave(first);

        Assert.Equal((false, false, true), (first.Cancelled.IsCancellationRequested, second.Cancelled.IsCancellationRequested, third.Cancelled.IsCancellationRequested));
    }

    /// <summary>It starts on the thread of the client that caused it, and goes on for others: what that client's request carries along must not follow it.</summary>
    [Fact]
    public async Task Fetch_CarriesNothingAmbientOfItsClient()
    {
        var ambient = new Ambient();
        await using var env = await GatewayEnvironment.StartAsync(new EnvironmentOptions
        {
            Configure = builder => builder.Services.AddSingleton<IStartupFilter>(ambient).AddSingleton<ITransformProvider>(ambient),
        });
        env.Origin.Get("/x", Reply.Ok("x", Numbered.Fresh));

        CacheAssert.Miss(await env.GetAsync("/x"));
        Assert.Equal(200, (await env.SendAsync("GET", "/x", "content")).Status);

        // The second one passes on the client's own context, which shows that there was something.
        Assert.Equal([null, "client"], ambient.Seen);
    }

    /// <summary>A body may take longer to come than it stays fresh: those who ask then have a fetch together, not each its own.</summary>
    [Fact]
    public async Task BodyThatOutlivesItsFreshness_IsFetchedOnceMore_ForAll()
    {
        await using var env = await GatewayEnvironment.StartAsync();
        var gate = new Gate();
        env.Origin.Get("/report", Reply.Chunked(["slow ", gate, "end"], "Cache-Control: max-age=5"));
        await using var first = await env.ConnectAsync();
        await first.SendAsync("GET", "/report", []);
        await first.ReadHeadAsync();
        env.Time.AdvanceSeconds(6);

        var clients = new List<RawClient>();
        for (var i = 0; i < 3; i++)
        {
            clients.Add(await env.ConnectAsync());
            await clients[^1].SendAsync("GET", "/report", []);
            await clients[^1].ReadHeadAsync();
        }

        Assert.Equal(2, env.Origin.Requests("/report"));
        gate.Open();
        clients.ForEach(client => client.Abort());
    }

    /// <summary>Who joins a body that comes slowly is told how old it is by then.</summary>
    [Fact]
    public async Task Age_OfABodyThatIsJoinedLate_IsItsAge()
    {
        await using var env = await GatewayEnvironment.StartAsync();
        var gate = new Gate();
        env.Origin.Get("/x", Reply.Chunked(["slow ", gate, "end"], "Cache-Control: max-age=3600", "Age: 7"));
        await using var first = await env.ConnectAsync();
        await first.SendAsync("GET", "/x", []);
        await first.ReadHeadAsync();
        env.Time.AdvanceSeconds(540);

        await using var late = await env.ConnectAsync();
        await late.SendAsync("GET", "/x", []);
        var (_, lines) = await late.ReadHeadAsync();

        Assert.Contains("Age: 547", lines);
        Assert.Equal(1, env.Origin.Requests("/x"));
        gate.Open();
    }

    /// <summary>What came in one piece is told with its end, though its length was not announced: the client that caused it gets it as those after it do.</summary>
    [Fact]
    public async Task AnswerInOnePiece_ComesWithItsLength_ToTheClientThatCausedIt()
    {
        await using var env = await GatewayEnvironment.StartAsync();
        env.Origin.Get("/*", Reply.Exactly($"HTTP/1.1 200 OK\r\n{Numbered.Fresh}\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nwhole\r\n0\r\n\r\n"));
        for (var i = 0; i < 20; i++)
        {
            var first = await env.GetAsync($"/{i}");

            CacheAssert.Miss(first);
            Assert.Equal(("whole", "5"), (first.Text, first.Header("Content-Length")));
        }
    }

    [Fact]
    public async Task SlowDownload_IsNotCutByTheLimitOfFetchesWithoutReaders()
    {
        await using var env = await GatewayEnvironment.StartAsync();
        var gate = new Gate();
        env.Origin.Get("/film", Reply.Chunked(["first ", gate, "second"], Numbered.Fresh));
        await using var client = await env.ConnectAsync();
        await client.SendAsync("GET", "/film", []);
        await client.ReadHeadAsync();

        env.Time.AdvanceSeconds(3600);
        gate.Open();

        using var body = new MemoryStream();
        await Deadline.Within(client.Reader.CopyChunkedAsync(body), "the whole body");
        Assert.Equal("first second", Encoding.UTF8.GetString(body.ToArray()));
    }

    [Fact]
    public async Task DesertedFetch_EndsAtItsLimit()
    {
        await using var env = await GatewayEnvironment.StartAsync();
        var gate = new Gate();
        env.Origin.Get("/film", Reply.Chunked(["first ", gate, "second"], Numbered.Fresh));
        var client = await env.ConnectAsync();
        await client.SendAsync("GET", "/film", []);
        await client.ReadHeadAsync();
        client.Abort();

        await Deadline.Until(
            async () =>
            {
                env.Time.AdvanceSeconds(60);
                return await env.MetricAsync(UnderWay) == 0;
            },
            "the end of the fetch");
    }

    [Fact]
    public async Task BackgroundRefresh_ThatBringsSomethingUnstorable_EndsAtOnce()
    {
        await using var env = await GatewayEnvironment.StartAsync();
        env.Origin.Get(
            "/x",
            Reply.Ok("1", "Cache-Control: max-age=60, stale-while-revalidate=600"),
            Reply.Chunked(["endless", new Gate()], "Cache-Control: no-store"));
        await env.GetAsync("/x");
        env.Time.AdvanceSeconds(61);

        await env.GetAsync("/x");
        await env.Origin.Reached("/x", 2);

        await env.UntilMetric(UnderWay, count => count == 0);
    }

    [Fact]
    public async Task FirstClient_KeepsTheCookieThatIsWithheldFromTheStore()
    {
        await using var env = await GatewayEnvironment.StartAsync(PolicyText.Of("\"setCookie\": \"strip\", \"client\": { \"etag\": \"generate\" }"));
        env.Origin.Get("/x", Reply.Ok("x", "Set-Cookie: sid=alice"));

        Assert.Equal("sid=alice", (await env.GetAsync("/x")).Header("Set-Cookie"));
        var second = await env.GetAsync("/x");

        CacheAssert.Hit(second);
        Assert.False(second.Has("Set-Cookie"));
    }

    [Theory]
    [InlineData(ByLength)]
    [InlineData(ByChunks)]
    public async Task AnswerWithoutItsFirstByte_IsTheGatewaysOwnFailure(string framing)
    {
        await using var env = await GatewayEnvironment.StartAsync();
        var cut = Reply.Ok("", Numbered.Fresh) with
        {
            Framing = framing == ByChunks ? ReplyFraming.Chunked : ReplyFraming.Length,
            DeclaredLength = 100,
            LastChunk = false,
            Ending = ReplyEnding.Close,
        };
        env.Origin.Get("/x", cut);
        env.Origin.On("POST", "/x", _ => cut);

        foreach (var method in (string[])["GET", "POST"])
        {
            var answer = await env.SendAsync(method, "/x", method == "POST" ? "a" : null);

            Assert.Equal((502, true), (answer.Status, answer.Complete));
            Assert.Contains("http_response_incomplete", answer.Header("Proxy-Status") ?? "", StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task AnswerWithoutItsFirstByte_DoesNotFailThoseWhoWaited()
    {
        await using var env = await GatewayEnvironment.StartAsync();
        env.Origin.Get("/x", Reply.Ok("", Numbered.Fresh) with { DeclaredLength = 100, Ending = ReplyEnding.Close }, Reply.Ok("good", Numbered.Fresh));
        env.Origin.Hold("/x");
        var first = env.GetAsync("/x");
        await env.Origin.Reached("/x");
        var others = Enumerable.Range(0, 3).Select(_ => env.GetAsync("/x")).ToArray();
        await env.UntilMetric("cachegateway_fill_waiting", count => count == 3);

        env.Origin.Release("/x");

        await first;
        Assert.All(await Task.WhenAll(others), answer => Assert.Equal((200, "good"), (answer.Status, answer.Text)));
    }

    /// <summary>Puts something into the execution context of each client, and looks for it where the origin is asked.</summary>
    private sealed class Ambient : IStartupFilter, ITransformProvider
    {
        private readonly AsyncLocal<string?> _local = new();

        public ConcurrentQueue<string?> Seen { get; } = new();

        public Action<IApplicationBuilder> Configure(Action<IApplicationBuilder> next) => app =>
        {
            app.Use((context, rest) =>
            {
                _local.Value = "client";
                return rest(context);
            });
            next(app);
        };

        public void Apply(TransformBuilderContext context) => context.AddRequestTransform(_ =>
        {
            Seen.Enqueue(_local.Value);
            return ValueTask.CompletedTask;
        });

        public void ValidateRoute(TransformRouteValidationContext context)
        {
        }

        public void ValidateCluster(TransformClusterValidationContext context)
        {
        }
    }
}
