using System.Security.Cryptography;
using CacheGateway.FunctionalTests.Policies;
using CacheGateway.Model;
using CacheGateway.Storage;
using Microsoft.Extensions.DependencyInjection;

namespace CacheGateway.FunctionalTests.Promises;

/// <summary>What fetches under way may hold of the memory, and what becomes of a body that is more.</summary>
public sealed class FillBudgetTests
{
    private const string UnderWay = "cachegateway_fill_under_way";

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

    /// <summary>A client of HTTP/2 that opens no window is sent nothing of the body, whatever sockets hold.</summary>
    [Fact]
    public async Task WindowThatHoldsTheWhole_LetsTheOriginGo_ThoughNobodyReads()
    {
        const int Length = 512 * 1024;
        await using var env = await GatewayEnvironment.StartAsync(new EnvironmentOptions { Settings = settings => settings with { H2cUrls = ["http://127.0.0.1:0"] } });
        env.Origin.Get("/x", Reply.Bytes(new byte[Length], "Cache-Control: no-store"));
        await using (var client = await H2Client.ConnectAsync(env.Addresses[1]))
        {
            // SETTINGS_INITIAL_WINDOW_SIZE (RFC 9113 6.5.2).
            await client.SendAsync(H2Client.Settings, 0, 0, [0, 4, 0, 0, 0, 0]);
            await client.GetAsync(1, "gw.test", "/x");
            await env.Origin.Reached("/x");

            await env.UntilMetric("cachegateway_fill_held_bytes", bytes => bytes > 0);
            await env.UntilMetric(UnderWay, count => count == 0);
            Assert.Equal(Length + 1, await env.MetricAsync("cachegateway_fill_held_bytes"));
        }

        await env.UntilMetric("cachegateway_fill_held_bytes", bytes => bytes == 0);
    }

    /// <summary>Many who read slowly what is not stored cost others no place in the store.</summary>
    [Theory]
    [InlineData("Cache-Control: max-age=60")]
    [InlineData("Cache-Control: private")]
    public async Task WindowsOfWhatIsNotStored_LeaveHalfOfTheShareToWhatIs(string control)
    {
        await using var env = await GatewayEnvironment.StartAsync(new EnvironmentOptions { Settings = settings => settings with { MemoryBytes = 32 * 1024 * 1024 } });
        // Longer than what sockets hold, and than what is stored.
        env.Origin.Get("/large/*", Reply.Bytes(new byte[64 * 1024 * 1024], control));
        env.Origin.Get("/x", Reply.Bytes(new byte[3 * 1024 * 1024], Numbered.Fresh));
        var clients = await Task.WhenAll(Enumerable.Range(0, 12).Select(_ => env.ConnectAsync()));
        foreach (var (i, client) in clients.Index())
        {
            await client.SendAsync("GET", $"/large/{i}", []);
            await client.ReadHeadAsync();
        }

        Assert.InRange(await env.MetricAsync("cachegateway_fill_held_bytes"), 12 * 64 * 1024, 5 * 1024 * 1024);
        CacheAssert.Miss(await env.GetAsync("/x"));
        CacheAssert.Hit(await env.GetAsync("/x"));

        foreach (var client in clients)
        {
            await client.DisposeAsync();
        }

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
        await env.UntilMetric("cachegateway_fill_held_bytes", bytes => bytes > 0);

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
        await using var env = await GatewayEnvironment.StartAsync(new EnvironmentOptions
        {
            Policies = PolicyText.Of("\"client\": { \"cacheControl\": \"no-cache\" }"),
            Settings = settings => settings with { MemoryBytes = 1024 * 1024 },
        });
        var gate = new Gate();
        var body = new byte[100 * 1024];
        env.Origin.Get("/other/*", Reply.Chunked([body[1..], gate, "x"], Numbered.Fresh) with { Framing = ReplyFraming.Length });
        env.Origin.Get("/x", Reply.Bytes(body, Numbered.Fresh));
        var others = Task.WhenAll(Enumerable.Range(0, 2).Select(i => env.GetAsync($"/other/{i}")));
        await env.UntilMetric("cachegateway_fill_held_bytes", bytes => bytes == 2 * body.Length);

        var answer = await env.GetAsync("/x");

        Assert.Equal(body.Length, answer.Body.Length);
        CacheAssert.Miss(answer, Reason.FillBudget);
        Assert.False(answer.CacheStatus!.IsStored);
        // The origin lets it be stored: what clients are told of it does not hang on the room that there is here.
        Assert.Equal("no-cache", answer.Header("Cache-Control"));
        gate.Open();
        await others;
    }

    /// <summary>One entry may take an eighth of the memory: what is larger would be dropped as it came, whatever the policy says of bodies.</summary>
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task LargerThanMemoryTakes_IsNotSaidToBeStored_AndRemembered(bool isFirst)
    {
        await using var env = await GatewayEnvironment.StartAsync(new EnvironmentOptions { Settings = settings => settings with { MemoryBytes = 8 * 1024 * 1024 } });
        var body = RandomNumberGenerator.GetBytes(1200 * 1024);
        env.Origin.Get("/x", Reply.Bytes(body, Numbered.Fresh));
        if (!isFirst)
        {
            CacheAssert.Miss(await env.GetAsync("/x"), Reason.ResponseTooLarge);
        }

        var answer = await env.GetAsync("/x");

        Assert.Equal(body, answer.Body);
        CacheAssert.Miss(answer, isFirst ? Reason.ResponseTooLarge : Reason.HitForMiss);
        Assert.False(answer.CacheStatus!.IsStored);
    }

    /// <summary>A body counts once, whether a fetch of its own brings it or it passes: what fits is held, with less to spare than one of them.</summary>
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task AsManyAsMemoryHolds_AreAllFound(bool isPassing)
    {
        await using var env = await GatewayEnvironment.StartAsync(new EnvironmentOptions { Settings = settings => settings with { MemoryBytes = 8 * 1024 * 1024 } });
        var body = new byte[950 * 1024];
        env.Origin.Get("/*", Reply.Bytes(body, Numbered.Fresh));
        string[] targets = [.. Enumerable.Range(0, 8).Select(i => $"/{i}")];
        if (isPassing)
        {
            env.Origin.Get(targets[^1], Reply.Ok("", "Cache-Control: no-store"), Reply.Bytes(body, Numbered.Fresh));
            await env.GetAsync(targets[^1]);
        }

        foreach (var target in targets)
        {
            CacheAssert.Stored(await env.GetAsync(target));
        }

        await CacheAssert.HitAsync(env, targets);
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
        Assert.Equal("ab", (await env.GetAsync("/x")).Text);
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

    /// <summary>Who jumps about in a film has its origin send all of it once, not at each jump.</summary>
    [Theory]
    [InlineData("safe", true)]
    [InlineData("safe", false)]
    [InlineData("rfc9111", true)]
    public async Task RangeFetchWhole_OfAWholeThatIsNotStored_AsksForTheRangesThatFollow(string profile, bool isAnnounced)
    {
        var whole = RandomNumberGenerator.GetBytes(2 << 20);
        await using var env = await GatewayEnvironment.StartAsync(PolicyText.Of($"\"profile\": \"{profile}\", \"maxBody\": \"1MB\", \"rangeFetchWhole\": \"1MB\""));
        env.Origin.Get("/x", request => request.Header("Range") is { } range
            ? Reply.Of(206, "01", $"Content-Range: {range.Replace('=', ' ')}/{whole.Length}", "ETag: \"a\"", "Cache-Control: max-age=60")
            : isAnnounced ? Reply.Bytes(whole, "ETag: \"a\"", "Cache-Control: max-age=60") : Reply.Chunked([whole], "ETag: \"a\"", "Cache-Control: max-age=60"));

        var first = await env.GetAsync("/x", "Range: bytes=0-1");
        var second = await env.GetAsync("/x", "Range: bytes=4-5");
        var third = await env.GetAsync("/x", "Range: bytes=8-9");

        Assert.Equal((200, 206, 206), (first.Status, second.Status, third.Status));
        Assert.Equal(whole, first.Body);
        Assert.Equal([null, "bytes=4-5", "bytes=8-9"], env.Origin.LogOf("/x").Select(request => request.Header("Range")));
    }
}
