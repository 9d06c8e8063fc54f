using System.Diagnostics;
using System.Text;
using CacheGateway.FunctionalTests.Policies;
using CacheGateway.FunctionalTests.Promises;
using CacheGateway.Hosting;

namespace CacheGateway.FunctionalTests.Faults;

/// <summary>Slow origins and slow clients: each waits for itself alone.</summary>
public sealed class OriginSlowTests
{
    [Theory]
    [Fault("F-32", "An origin that does not begin to answer: 504 after the policy's own wait")]
    [CoversPolicy("firstByteTimeout", "$.defaults.firstByteTimeout")]
    [InlineData("", "\"firstByteTimeout\": \"200ms\"")]
    [InlineData("\"firstByteTimeout\": \"200ms\"", "")]
    public async Task FirstByte_Late_Is504(string defaults, string member)
    {
        await using var env = await GatewayEnvironment.StartAsync(Policies(defaults, member));
        env.Origin.Get("/x", Reply.Ok("late"));
        env.Origin.Hold("/x");

        var answer = await env.GetAsync("/x");

        Assert.Equal((504, "origin-timeout"), (answer.Status, answer.CacheStatus?.Detail));
    }

    [Fact]
    [Fault("F-32", "A policy may wait longer than the settings, and a long wait for the first byte does not allow silence later")]
    public async Task PolicyThatWaitsLonger_Waits()
    {
        await using var env = await GatewayEnvironment.StartAsync(new EnvironmentOptions
        {
            Policies = Policies("", "\"firstByteTimeout\": \"30s\", \"betweenBytesTimeout\": \"2s\""),
            Settings = settings => settings with { OriginTimeout = TimeSpan.FromMilliseconds(100), OriginIdleTimeout = TimeSpan.FromMilliseconds(100) },
        });
        env.Origin.Get("/x", Reply.Ok("x"), Reply.Ok("half") with { Pieces = ["half", new Gate()], DeclaredLength = 100 });
        env.Origin.Hold("/x");
        var slow = env.GetAsync("/x");
        await env.Origin.Reached("/x");
        await Task.Delay(500);
        env.Origin.Release("/x");

        Assert.Equal("x", (await slow).Text);
        env.Time.AdvanceSeconds(61);
        Assert.False((await env.GetAsync("/x")).Complete);
    }

    [Theory]
    [Fault("F-32", "A policy for writes waits longer than the settings: before the answer, and inside it")]
    [InlineData("POST", "content")]
    [InlineData("DELETE", null)]
    public async Task PolicyOfAWriteThatWaitsLonger_Waits(string method, string? content)
    {
        var gate = new Gate();
        await using var env = await GatewayEnvironment.StartAsync(new EnvironmentOptions
        {
            Policies = """{ "policies": { "export": { "match": { "path": "/x", "methods": ["POST", "DELETE"] }, "firstByteTimeout": "1m", "betweenBytesTimeout": "1m" } } }""",
            Settings = settings => settings with { OriginTimeout = TimeSpan.FromMilliseconds(100), OriginIdleTimeout = TimeSpan.FromMilliseconds(100) },
        });
        env.Origin.On(method, "/x", _ => Reply.Chunked(["first ", gate, "second"]));
        env.Origin.Hold("/x");
        await using var client = await env.ConnectAsync();
        await client.SendAsync(method, "/x", [], content);
        await env.Origin.Reached("/x");
        await LimitPassesAsync(env);
        env.Origin.Release("/x");

        Assert.StartsWith("HTTP/1.1 200", (await client.ReadHeadAsync()).StatusLine, StringComparison.Ordinal);
        await LimitPassesAsync(env);
        gate.Open();
        using var body = new MemoryStream();
        await Deadline.Within(client.Reader.CopyChunkedAsync(body), "the whole body");
        Assert.Equal("first second", Encoding.UTF8.GetString(body.ToArray()));
    }

    [Fact]
    [Fault("F-32", "A body may take longer than its first byte")]
    public async Task BodyThatTakesLongerThanItsFirstByte_Comes()
    {
        var gate = new Gate();
        await using var env = await GatewayEnvironment.StartAsync(Policies("", $"\"firstByteTimeout\": \"{Deadline.Patience.TotalSeconds}s\", \"betweenBytesTimeout\": \"30s\""));
        foreach (var directive in (string[])["max-age=60", "no-store"])
        {
            env.Origin.Get($"/{directive}", Reply.Chunked(["first ", gate, "second"], $"Cache-Control: {directive}"));
        }

        await using var stored = await BeginAsync("/max-age=60");
        await using var passed = await BeginAsync("/no-store");
        // Real time: the limit is measured by the system's clock.
        await Task.Delay(Deadline.Patience + TimeSpan.FromSeconds(0.5));
        gate.Open();

        foreach (var client in (RawClient[])[stored, passed])
        {
            using var body = new MemoryStream();
            await Deadline.Within(client.Reader.CopyChunkedAsync(body), "the whole body");
            Assert.Equal("first second", Encoding.UTF8.GetString(body.ToArray()));
        }

        async Task<RawClient> BeginAsync(string target)
        {
            var client = await env.ConnectAsync();
            await client.SendAsync("GET", target, []);
            await client.ReadHeadAsync();
            return client;
        }
    }

    [Theory]
    [Fault("F-32", "An origin that falls silent inside a body: the answer ends abnormally after the policy's own silence")]
    [CoversPolicy("betweenBytesTimeout", "$.defaults.betweenBytesTimeout")]
    [InlineData("", "\"betweenBytesTimeout\": \"2s\"")]
    [InlineData("\"betweenBytesTimeout\": \"2s\"", "")]
    public async Task BetweenBytes_Silent_IsCut(string defaults, string member)
    {
        await using var env = await GatewayEnvironment.StartAsync(Policies(defaults, member));
        env.Origin.Get("/x", Reply.Ok("half") with { Pieces = ["half", new Gate()], DeclaredLength = 100 }, Reply.Ok("whole"));

        Assert.False((await env.GetAsync("/x")).Complete);
        Assert.Equal("whole", (await env.GetAsync("/x")).Text);
    }

    [Fact]
    [Fault("F-32", "An origin that trickles, each piece within the silence allowed: the whole arrives and is stored")]
    public async Task Trickle_WithinTheSilenceAllowed_IsWhole()
    {
        const int Length = 6000;
        var silence = Deadline.Patience;
        await using var env = await GatewayEnvironment.StartAsync();
        await using var proxy = FaultProxy.Before(env.Origin.Port);
        await using var gateway = await StartAsync(settings => settings with { Origin = proxy.Url.ToString(), OriginTimeout = silence, OriginIdleTimeout = silence });
        env.Origin.Get("/x", Reply.Ok(new string('x', Length), Numbered.Fresh));
        proxy.ToClient.Slice = 10;
        proxy.ToClient.BytesPerSecond = 1000;
        var started = Stopwatch.GetTimestamp();

        Assert.Equal(Length, (await gateway.GetAsync("/x")).Body.Length);
        Assert.True(Stopwatch.GetElapsedTime(started) > silence, "the whole takes longer than a silence may");
        CacheAssert.Hit(await gateway.GetAsync("/x"));
        Assert.True(proxy.ToClient.Sliced > 0, "the proxy sliced");
    }

    [Fact]
    [Fault("F-31", "The client that caused a fetch leaves (FIN, RST) while others read: they get the whole, it is stored, the origin was asked once")]
    public async Task LeaderLeaves_FollowersGetTheWhole()
    {
        await using var env = await GatewayEnvironment.StartAsync();
        await using var proxy = FaultProxy.Before(env.Origin.Port);
        await using var gateway = await StartAsync(settings => settings with { Origin = proxy.Url.ToString() });
        var body = new string('x', 20_000);
        env.Origin.Get("/slow", Reply.Ok(body, Numbered.Fresh));
        proxy.ToClient.BytesPerSecond = 20_000;
        var leader = await gateway.ConnectAsync();
        await leader.SendAsync("GET", "/slow", []);
        await leader.ReadHeadAsync();
        var followers = Enumerable.Range(0, 9).Select(_ => gateway.GetAsync("/slow")).ToArray();
        await leader.Reader.ReadSomeAsync(2000);

        leader.Abort();

        Assert.All(await Task.WhenAll(followers), answer => Assert.Equal((200, body, true), (answer.Status, answer.Text, answer.Complete)));
        Assert.Equal(1, env.Origin.Requests("/slow"));
        CacheAssert.Hit(await gateway.GetAsync("/slow"));
    }

    [Fact]
    [Fault("F-36", "A client that does not read: others get the same answer at full speed, and it is stored")]
    public async Task ClientThatDoesNotRead_HoldsNobodyUp()
    {
        await using var env = await GatewayEnvironment.StartAsync();
        var body = Encoding.ASCII.GetBytes(new string('x', 4 * 1024 * 1024));
        env.Origin.Get("/big", Reply.Bytes(body, Numbered.Fresh));
        await using var stuck = await env.ConnectAsync();
        await stuck.SendAsync("GET", "/big", []);
        await env.Origin.Reached("/big");
        var started = Stopwatch.GetTimestamp();

        Assert.Equal(body.Length, (await env.GetAsync("/big")).Body.Length);
        CacheAssert.Hit(await env.GetAsync("/big"));

        Assert.Equal(1, env.Origin.Requests("/big"));
        Assert.True(Stopwatch.GetElapsedTime(started) < TimeSpan.FromSeconds(10), "nobody waits for the one who does not read");
    }

    [Theory]
    [InlineData("Accept: */*")]
    [InlineData("Authorization: Basic YTpi")]
    public async Task ClientThatPauses_IsNotTakenForASilentOrigin(string header)
    {
        var limit = Deadline.Patience;
        await using var env = await StartAsync(settings => settings with { OriginTimeout = limit, OriginIdleTimeout = limit });
        // Longer than what sockets hold: the client that does not read holds the origin up.
        var body = new byte[64 * 1024 * 1024];
        env.Origin.Get("/film", Reply.Bytes(body, "Cache-Control: no-store"));
        await using var client = await env.ConnectAsync();
        await client.SendAsync("GET", "/film", [header]);
        await client.ReadHeadAsync();

        await LimitPassesAsync(env);

        await Deadline.Within(client.Reader.CopyExactlyAsync(body.Length, Stream.Null), "the whole body");
    }

    [Fact]
    public async Task ReaderThatHoldsTheOthersUp_IsCutOffAlone()
    {
        var limit = Deadline.Patience;
        await using var env = await GatewayEnvironment.StartAsync(new EnvironmentOptions
        {
            Policies = PolicyText.Of("\"maxBody\": \"64KB\""),
            Settings = settings => settings with { OriginTimeout = limit, OriginIdleTimeout = limit },
        });
        var (first, rest) = (new byte[32 * 1024], new byte[64 * 1024 * 1024]);
        var both = new Gate();
        env.Origin.Get("/film", Reply.Chunked([first, both, rest], Numbered.Fresh));
        await using var stuck = await env.ConnectAsync();
        await stuck.SendAsync("GET", "/film", []);
        await stuck.ReadHeadAsync();
        await using var other = await env.ConnectAsync();
        await other.SendAsync("GET", "/film", []);
        await other.ReadHeadAsync();
        using var received = new MemoryStream();
        var reading = other.Reader.CopyChunkedAsync(received);
        both.Open();

        await LimitPassesAsync(env);
        Assert.False(reading.IsCompleted, "both are held up");
        var before = received.Length;
        await Deadline.Until(
            async () =>
            {
                // Once more where the other was behind when the wait began, which then is not for the one that is stuck; and never while it gets on, for it would be cut off.
                if (before == (before = received.Length))
                {
                    env.Time.AdvanceSeconds(31);
                }

                return await Task.WhenAny(reading, Task.Delay(TimeSpan.FromSeconds(10))) == reading;
            },
            "the whole body");
        await reading;
        Assert.Equal((first.Length + rest.Length, 1), (received.Length, env.Origin.Requests("/film")));
        await Assert.ThrowsAnyAsync<IOException>(() => Deadline.Within(stuck.Reader.CopyChunkedAsync(Stream.Null), "the end of the one that is cut off"));
    }

    [Theory]
    [Fault("F-36", "Two read an answer too long to store: who crawls and holds the other up for half a minute in sum is cut off, alone; one that is only slower goes on, and so do two that are as slow as each other")]
    [InlineData(512 * 1024, 25, false)]
    [InlineData(4 * 1024 * 1024, 5, false)]
    [InlineData(4 * 1024 * 1024, 5, true)]
    public async Task ReaderThatIsSlower_IsCutOff_WhereItCrawls(int step, int seconds, bool bothAreSlow)
    {
        await using var env = await GatewayEnvironment.StartAsync(PolicyText.Of("\"maxBody\": \"64KB\""));
        var (first, rest) = (new byte[32 * 1024], new byte[64 * 1024 * 1024]);
        var both = new Gate();
        env.Origin.Get("/film", Reply.Chunked([first, both, rest], Numbered.Fresh));
        await using var slow = await env.ConnectAsync();
        await slow.SendAsync("GET", "/film", []);
        await slow.ReadHeadAsync();
        await using var other = await env.ConnectAsync();
        await other.SendAsync("GET", "/film", []);
        await other.ReadHeadAsync();
        using var received = new MemoryStream();
        var reading = bothAreSlow ? Task.CompletedTask : other.Reader.CopyChunkedAsync(received);
        both.Open();

        var slowly = ReadSlowlyAsync();
        if (seconds > 5)
        {
            await Assert.ThrowsAnyAsync<IOException>(() => slowly);
        }
        else
        {
            await slowly;
        }

        await Deadline.Within(reading, "the whole for the one that reads");
        Assert.Equal(1, env.Origin.Requests("/film"));

        async Task ReadSlowlyAsync()
        {
            // One that is cut off has still what its sockets hold.
            for (var read = step; read <= rest.Length; read += step)
            {
                await Deadline.Within(slow.Reader.CopyExactlyAsync(step, Stream.Null), "a step");
                if (bothAreSlow)
                {
                    await Deadline.Within(other.Reader.CopyExactlyAsync(step, Stream.Null), "a step of the other");
                }

                // Both have what they get before the next step: nothing came for as long as a busy machine may keep one of them from running.
                var (before, quiet) = (-1L, 0);
                await Deadline.Until(
                    () =>
                    {
                        quiet = before == (before = received.Length) && (bothAreSlow || before >= read) ? quiet + 1 : 0;
                        return Task.FromResult(quiet == 20);
                    },
                    "quiet");
                env.Time.AdvanceSeconds(seconds);
            }
        }
    }

    [Fact]
    public async Task BodyThatOutgrowsStorage_IsRemembered_AndTheNextPassOnTheirOwn()
    {
        await using var env = await GatewayEnvironment.StartAsync(PolicyText.Of("\"maxBody\": \"64KB\""));
        env.Origin.Get("/film", Reply.Chunked([new byte[100 * 1024]], Numbered.Fresh));
        Assert.True((await env.GetAsync("/film")).Complete);

        for (var asked = 1; asked <= 3; asked += 2)
        {
            env.Origin.Hold("/film");
            var pair = new[] { env.GetAsync("/film"), env.GetAsync("/film") };
            await env.Origin.Reached("/film", asked + 2);
            env.Origin.Release("/film");
            Assert.All(await Task.WhenAll(pair), answer => Assert.Equal(100 * 1024, answer.Body.Length));
        }
    }

    /// <summary>The limits are measured by the system's clock: others for whom the origin is too late wait for as long.</summary>
    private static async Task LimitPassesAsync(GatewayEnvironment env)
    {
        env.Origin.Get("/hung", Reply.Ok("late"));
        env.Origin.Hold("/hung");
        for (var i = 0; i < 2; i++)
        {
            Assert.Equal(504, (await env.GetAsync("/hung")).Status);
        }
    }

    private static string Policies(string defaults, string member) =>
        $$"""{ "defaults": { {{defaults}} }, "policies": { "all": { "ttl": "60s"{{(member.Length > 0 ? ", " : "")}}{{member}} } } }""";

    private static Task<GatewayEnvironment> StartAsync(Func<GatewaySettings, GatewaySettings> settings) =>
        GatewayEnvironment.StartAsync(new EnvironmentOptions { Settings = settings });
}
