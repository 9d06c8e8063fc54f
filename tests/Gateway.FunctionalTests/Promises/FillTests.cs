using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text;
using CacheGateway.FunctionalTests.Policies;
using CacheGateway.Model;
using CacheGateway.Pipeline;
using CacheGateway.Storage;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Yarp.ReverseProxy.Transforms;
using Yarp.ReverseProxy.Transforms.Builder;

namespace CacheGateway.FunctionalTests.Promises;

/// <summary>Promises 3 and 7 for fetches under way: what holds them, how long they go on, and what they count for.</summary>
public sealed class FillTests
{
    private const string UnderWay = "cachegateway_fill_under_way";
    private const string ByLength = "length";
    private const string ByChunks = "chunked";

    [Fact]
    public async Task FillsUnderWay_AreCountedExactly_WhateverEndsWhileOthersBegin()
    {
        var gate = new FillGate(new TagEpochs(TimeProvider.System), new GatewayLimits { MaxFills = int.MaxValue }, TimeProvider.System);

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
    public async Task BodyThatOutgrowsTheBudget_GivesBackWhatItHeld()
    {
        await using var env = await GatewayEnvironment.StartAsync(new EnvironmentOptions { Settings = settings => settings with { MemoryBytes = 8 * 1024 * 1024 } });
        var gate = new Gate();
        var piece = RandomNumberGenerator.GetBytes(1024 * 1024);
        env.Origin.Get("/large", Reply.Chunked([piece, piece, piece, gate, "end"], Numbered.Fresh));
        env.Origin.Get("/other", Reply.Bytes(piece[..(256 * 1024)], Numbered.Fresh));
        await using var client = await env.ConnectAsync();
        await client.SendAsync("GET", "/large", []);
        await client.ReadHeadAsync();
        using var received = new MemoryStream();
        var rest = client.Reader.CopyChunkedAsync(received);
        await Deadline.Until(() => Task.FromResult(received.Length == 3 * piece.Length), "the first pieces");

        await env.UntilMetric("cachegateway_fill_held_bytes", bytes => bytes <= 1024 * 1024);
        await env.GetAsync("/other");
        CacheAssert.Hit(await env.GetAsync("/other"));

        gate.Open();
        await Deadline.Within(rest, "the rest of the large body");
    }

    [Theory]
    [InlineData(256, 1024)]
    [InlineData(1, 64)]
    public async Task WindowOfWhatIsNotStored_CountsAgainstTheBudget_UntilItsReaderIsGone(int megabytes, int held)
    {
        await using var env = await GatewayEnvironment.StartAsync(new EnvironmentOptions
        {
            Settings = settings => settings with { MemoryBytes = megabytes * 1024L * 1024 },
        });
        // Longer than what sockets hold: the client that reads nothing holds the origin up.
        env.Origin.Get("/x", Reply.Bytes(new byte[64 * 1024 * 1024], "Cache-Control: no-store"));
        var client = await env.ConnectAsync();
        await client.SendAsync("GET", "/x", []);
        await client.ReadHeadAsync();

        Assert.Equal(held * 1024, await env.MetricAsync("cachegateway_fill_held_bytes"));

        await client.DisposeAsync();
        await env.UntilMetric("cachegateway_fill_held_bytes", bytes => bytes == 0);
    }

    [Fact]
    public async Task WhatASlowClientHasStillToRead_IsHeldUntilItHasIt()
    {
        await using var env = await GatewayEnvironment.StartAsync();
        var body = RandomNumberGenerator.GetBytes(24 * 1024 * 1024);
        env.Origin.Get("/x", Reply.Bytes(body, "Cache-Control: no-store"));
        await using var client = await env.ConnectAsync();
        await client.SendAsync("GET", "/x", []);

        var answer = await client.ReadAsync();

        Assert.Equal(body, answer.Body);
        await env.UntilMetric("cachegateway_fill_held_bytes", bytes => bytes == 0);
    }

    [Fact]
    public async Task KnownToBeTooLarge_IsNotSaidToBeStored()
    {
        await using var env = await GatewayEnvironment.StartAsync(PolicyText.Of("\"maxBody\": \"10B\""));
        env.Origin.Get("/x", Reply.Ok("0123456789A", Numbered.Fresh));

        var answer = await env.GetAsync("/x");

        Assert.Equal("0123456789A", answer.Text);
        CacheAssert.Miss(answer, Reason.ResponseTooLarge);
        Assert.False(answer.CacheStatus!.IsStored);
        Assert.False((await env.GetAsync("/x")).CacheStatus!.IsStored);
    }

    [Fact]
    public async Task KnownToPassTheBudget_IsNotSaidToBeStored()
    {
        await using var env = await GatewayEnvironment.StartAsync(new EnvironmentOptions { Settings = settings => settings with { MemoryBytes = 1024 * 1024 } });
        env.Origin.Get("/x", Reply.Bytes(new byte[512 * 1024], Numbered.Fresh));

        var answer = await env.GetAsync("/x");

        Assert.Equal(512 * 1024, answer.Body.Length);
        CacheAssert.Miss(answer, Reason.FillBudget);
        Assert.False(answer.CacheStatus!.IsStored);
    }

    [Theory]
    [InlineData(1024)]
    [InlineData(64 * 1024)]
    [InlineData(100 * 1024)]
    public async Task WhatNoMemoryIsLeftFor_IsAnswered_AndGivenBackAsItWasTaken(int length)
    {
        await using var env = await GatewayEnvironment.StartAsync(new EnvironmentOptions { Settings = settings => settings with { MemoryBytes = 2048 } });
        var body = RandomNumberGenerator.GetBytes(length);
        env.Origin.Get("/*", Reply.Bytes(body, Numbered.Fresh));

        for (var i = 0; i < 3; i++)
        {
            var answer = await env.GetAsync($"/{i}");

            Assert.Equal((200, true), (answer.Status, answer.Complete));
            Assert.Equal(body, answer.Body);
            await env.UntilMetric("cachegateway_fill_held_bytes", bytes => bytes == 0);
        }
    }

    /// <summary>Whatever goes wrong in its last steps, a fetch ends with an answer, and the process goes on.</summary>
    [Fact]
    public async Task BooksOfTheBudgetThatDoNotBalance_CostNobodyAnAnswer()
    {
        await using var env = await GatewayEnvironment.StartAsync();
        var gate = new Gate();
        env.Origin.Get("/x", Reply.Chunked(["a", gate, "b"], Numbered.Fresh));
        await using var client = await env.ConnectAsync();
        await client.SendAsync("GET", "/x", []);
        await env.UntilMetric("cachegateway_fill_held_bytes", bytes => bytes > 0);

        // What this fetch holds cannot be given back any more.
        env.Services.GetRequiredService<MemoryTier>().Release(env.Services.GetRequiredService<FillBudget>().Held);
        gate.Open();

        Assert.Equal("ab", (await client.ReadAsync("GET")).Text);
        await env.UntilMetric(UnderWay, count => count == 0);
        CacheAssert.Hit(await env.GetAsync("/x"));
    }

    /// <summary>Nobody reads what nobody was told of; it must not be let go for that.</summary>
    [Fact]
    public async Task BodyThatOutgrowsItsLimitBeforeItIsToldOf_IsAnsweredByItsOneFetch()
    {
        await using var env = await GatewayEnvironment.StartAsync(PolicyText.Of("\"maxBody\": \"11KB\""));
        var chunk = new string('x', 3000);
        // All at once: it never falls silent, which would tell of it.
        var chunks = string.Concat(Enumerable.Repeat($"bb8\r\n{chunk}\r\n", 6));
        env.Origin.Get("/*", Reply.Exactly($"HTTP/1.1 200 OK\r\n{Numbered.Fresh}\r\nTransfer-Encoding: chunked\r\n\r\n{chunks}0\r\n\r\n"));
        for (var i = 0; i < 20; i++)
        {
            var answer = await env.GetAsync($"/{i}");

            Assert.Equal((200, 6 * chunk.Length, true, 1), (answer.Status, answer.Body.Length, answer.Complete, env.Origin.Requests($"/{i}")));
        }
    }

    [Fact]
    public async Task RangeOfAWholeThatCannotBeKept_IsAnsweredWithTheWhole()
    {
        var whole = RandomNumberGenerator.GetBytes(3 * 1024 * 1024);
        await using var env = await GatewayEnvironment.StartAsync(PolicyText.Of("\"maxBody\": \"1MB\", \"rangeFetchWhole\": \"8MB\""));
        env.Origin.Get("/x", Reply.Bytes(whole));

        var answer = await env.GetAsync("/x", "Range: bytes=0-1");

        Assert.Equal((200, true), (answer.Status, answer.Complete));
        Assert.Equal(whole, answer.Body);
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
