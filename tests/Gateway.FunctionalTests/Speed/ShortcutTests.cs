using System.Runtime.CompilerServices;
using CacheGateway.FunctionalTests.Policies;
using CacheGateway.Model;
using CacheGateway.Policies;
using Microsoft.Extensions.DependencyInjection;

namespace CacheGateway.FunctionalTests.Speed;

/// <summary>After plain requests have made a way of their own to an entry, every other request still goes the whole way, and so do all when the rules change.</summary>
public sealed class ShortcutTests
{
    private const string Path = "/a?b=c";

    /// <summary>The next request would be answered by the shortcut if it were plain.</summary>
    private static async Task<GatewayEnvironment> WithShortcutAsync(string? policies = null, string cacheControl = "max-age=60")
    {
        var env = await GatewayEnvironment.StartAsync(new EnvironmentOptions { Policies = policies });
        var answers = 0;
        env.Origin.Get("/a", request => request.Target != Path ? Reply.Ok("other", "Cache-Control: max-age=60") : Reply.Ok($"answer {Interlocked.Increment(ref answers)}", $"Cache-Control: {cacheControl}", "ETag: \"v\""));
        for (var i = 0; i < 3; i++)
        {
            Assert.Equal("answer 1", (await env.GetAsync(Path)).Text);
        }

        CacheAssert.Hit(await env.GetAsync(Path), Reason.Fresh);
        return env;
    }

    [Theory]
    [InlineData("Authorization: Bearer x", Reason.Credentials)]
    [InlineData("Cookie: session=x", Reason.Cookies)]
    [InlineData("Accept: text/event-stream", Reason.EventStream)]
    [InlineData("X-Api-Key: x", Reason.Credentials)]
    public async Task RequestThatIsNotPlain_IsJudgedByItself(string field, Reason reason)
    {
        await using var env = await WithShortcutAsync();

        var answer = await env.GetAsync(Path, field);

        CacheAssert.Miss(answer, reason);
        Assert.Equal("answer 2", answer.Text);
    }

    /// <summary>What another reader of the path would take for what the policy with a condition takes is not keyed where the condition holds.</summary>
    [Fact]
    public async Task ConditionOnAnotherSpelling_IsAskedAsWell()
    {
        await using var env = await GatewayEnvironment.StartAsync("""
            { "policies": { "docs": { "match": { "path": "/Docs/{*rest}" }, "ttl": "1m" }, "secret": { "match": { "path": "/docs/secret", "headers": { "X-Preview": "*" } }, "ttl": "1m" } } }
            """);
        env.Origin.Get("*", request => Reply.Ok(request.Header("X-Preview") ?? "none"));
        for (var i = 0; i < 3; i++)
        {
            Assert.Equal("none", (await env.GetAsync("/Docs/secret")).Text);
        }

        var answer = await env.GetAsync("/Docs/secret", "X-Preview: 1");

        CacheAssert.Miss(answer, Reason.Unkeyable);
        Assert.Equal("1", answer.Text);
    }

    [Fact]
    public async Task RequestWithContent_ReachesTheOrigin()
    {
        await using var env = await WithShortcutAsync();

        CacheAssert.Miss(await env.SendAsync("GET", Path, "content"), Reason.RequestHasContent);
        Assert.Equal(2, env.Origin.Requests("/a"));
    }

    [Fact]
    public async Task OtherUrlOfTheSameLength_IsAnotherEntry()
    {
        await using var env = await WithShortcutAsync();

        Assert.Equal("other", (await env.GetAsync("/a?b=d")).Text);
        Assert.Equal("answer 1", (await env.GetAsync(Path)).Text);
    }

    [Fact]
    public async Task OtherHost_IsAnotherEntry()
    {
        await using var env = await WithShortcutAsync();
        await using var client = await env.ConnectAsync();

        await client.SendAsync($"GET {Path} HTTP/1.1\r\nHost: other.example\r\n\r\n");

        Assert.Equal("answer 2", (await client.ReadAsync("GET")).Text);
    }

    [Fact]
    public async Task OtherScheme_IsAnotherEntry()
    {
        using var certificate = new TestCertificate();
        await using var env = await GatewayEnvironment.StartAsync(new EnvironmentOptions
        {
            Settings = settings => settings with { Urls = [.. settings.Urls, "https://127.0.0.1:0"] },
            Configure = certificate.Configure,
        });
        env.Origin.Get("/a", request => Reply.Ok(request.Header("X-Forwarded-Proto")!, "Cache-Control: max-age=60"));
        using var secure = new HttpClient(new SocketsHttpHandler { SslOptions = TestCertificate.Trusting() });

        for (var i = 0; i < 3; i++)
        {
            Assert.Equal("http", (await env.GetAsync("/a", "Host: shop.example")).Text);
            using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(env.Addresses[1], "/a")) { Headers = { Host = "shop.example" } };
            using var answer = await secure.SendAsync(request);
            Assert.Equal("https", await answer.Content.ReadAsStringAsync());
        }

        Assert.Equal(2, env.Origin.Requests("/a"));
    }

    [Fact]
    public async Task Range_IsCutOutOfIt()
    {
        await using var env = await WithShortcutAsync();

        var answer = await env.GetAsync(Path, "Range: bytes=0-2");

        Assert.Equal((206, "ans"), (answer.Status, answer.Text));
        Assert.Equal(1, env.Origin.Requests("/a"));
    }

    [Fact]
    public async Task Vary_IsAskedForEveryRequest()
    {
        await using var env = await GatewayEnvironment.StartAsync();
        env.Origin.Get("/a", request => Reply.Ok(request.Header("X-Kind") ?? "none", "Cache-Control: max-age=60", "Vary: X-Kind"));

        for (var i = 0; i < 3; i++)
        {
            Assert.Equal("none", (await env.GetAsync("/a")).Text);
            Assert.Equal("one", (await env.GetAsync("/a", "X-Kind: one")).Text);
        }

        Assert.Equal("two", (await env.GetAsync("/a", "X-Kind: two")).Text);
        Assert.Equal(3, env.Origin.Requests("/a"));
    }

    [Fact]
    public async Task Invalidated_IsNotServed()
    {
        await using var env = await WithShortcutAsync();

        await env.InvalidateAsync(new { urls = new[] { Path } });

        Assert.Equal("answer 2", (await env.GetAsync(Path)).Text);
    }

    [Fact]
    public async Task Expired_IsNotServed()
    {
        await using var env = await WithShortcutAsync();

        env.Time.AdvanceSeconds(61);

        Assert.Equal("answer 2", (await env.GetAsync(Path)).Text);
    }

    [Fact]
    public async Task IfNoneMatch_Is304()
    {
        await using var env = await WithShortcutAsync();

        Assert.Equal(304, (await env.GetAsync(Path, "If-None-Match: \"v\"")).Status);
        Assert.Equal(1, env.Origin.Requests("/a"));
    }

    [Fact]
    public async Task ClientNoCache_IsHonouredAfterASecond()
    {
        await using var env = await WithShortcutAsync();
        env.Time.AdvanceSeconds(2);

        CacheAssert.Miss(await env.GetAsync(Path, "Cache-Control: no-cache"), Reason.RequestNoCache);
    }

    [Fact]
    public async Task PoliciesThatChange_EndIt()
    {
        await using var env = await WithShortcutAsync(PolicyText.Of());

        await env.ChangePoliciesAsync(PolicyText.Of("\"enabled\": false"));

        CacheAssert.Miss(await env.GetAsync(Path), Reason.PolicyOff);
        await env.ChangePoliciesAsync(PolicyText.Of("\"version\": 2"));
        CacheAssert.Miss(await env.GetAsync(Path), Reason.Miss);
        CacheAssert.Hit(await env.GetAsync(Path));
    }

    /// <summary>An entry that nobody asks for any more lies there long; the table whose policy it was found by must not.</summary>
    [Fact]
    public async Task PoliciesThatChanged_AreNotKeptByEntriesTheyLeftBehind()
    {
        const int Changes = 20;
        await using var env = await GatewayEnvironment.StartAsync(PolicyText.Of());
        env.Origin.Get("/a", Reply.Ok("x", "Cache-Control: max-age=6000"));
        var tables = new List<WeakReference>();
        for (var i = 0; i < Changes; i++)
        {
            for (var hits = 0; hits < 3; hits++)
            {
                await env.GetAsync($"/a?{i}");
            }

            tables.Add(TableOf(env));
            await env.ChangePoliciesAsync(PolicyText.Of($"\"description\": \"{i}\""));
        }

        GC.Collect();
        GC.WaitForPendingFinalizers();
        GC.Collect();

        // The last few may stand in what the server uses again for its next request.
        Assert.InRange(tables.Count(table => table.IsAlive), 0, 4);
        CacheAssert.Hit(await env.GetAsync("/a?0"), Reason.Fresh);
    }

    /// <summary>Apart, so that no frame of the test holds it.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    private static WeakReference TableOf(GatewayEnvironment env) => new(env.Services.GetRequiredService<IPolicySource>().Current);

    [Fact]
    public async Task PolicyOfAHeader_TakesItsRequests()
    {
        const string Policies = """
            {
              "policies": {
                "mine": { "match": { "path": "/a", "headers": { "X-Mine": "yes" } }, "enabled": false },
                "all": { "match": { "path": "/a" }, "ttl": "60s" }
              }
            }
            """;
        await using var env = await WithShortcutAsync(Policies);

        CacheAssert.Miss(await env.GetAsync(Path, "X-Mine: yes"), Reason.PolicyOff);
    }

    [Theory]
    [InlineData("headers", "X-Mine", "X-Mine: yes")]
    [InlineData("cookies", "mine", "Cookie: mine=yes")]
    public async Task KeyedField_MakesEntriesOfItsOwn(string member, string name, string field)
    {
        await using var env = await WithShortcutAsync($$"""{ "policies": { "all": { "match": { "path": "/a" }, "ttl": "60s", "key": { "{{member}}": ["{{name}}"] } } } }""");

        Assert.Equal("answer 2", (await env.GetAsync(Path, field)).Text);
        Assert.Equal("answer 1", (await env.GetAsync(Path)).Text);
    }

    [Fact]
    public async Task RouteOfAHeader_TakesItsRequests()
    {
        await using var second = ScriptedOrigin.Start(new ManualTime());
        second.Get("/a", Reply.Ok("second", "Cache-Control: max-age=60"));
        await using var env = await GatewayEnvironment.StartAsync(new EnvironmentOptions
        {
            Configuration = first => Routes(new Uri(first), second.Address, """
                "one": { "ClusterId": "first", "Match": { "Path": "/{**path}" } },
                "two": { "ClusterId": "second", "Match": { "Path": "/{**path}", "Headers": [{ "Name": "X-Mine", "Values": ["yes"] }] } }
                """),
        });
        env.Origin.Get("/a", Reply.Ok("first", "Cache-Control: max-age=60"));
        for (var i = 0; i < 3; i++)
        {
            Assert.Equal("first", (await env.GetAsync(Path)).Text);
        }

        Assert.Equal("second", (await env.GetAsync(Path, "X-Mine: yes")).Text);
    }

    [Fact]
    public async Task RoutesThatChange_EndIt()
    {
        var time = new ManualTime();
        await using var first = ScriptedOrigin.Start(time);
        await using var second = ScriptedOrigin.Start(time);
        first.Get("/a", Reply.Ok("first", "Cache-Control: max-age=60"));
        second.Get("/a", Reply.Ok("second", "Cache-Control: max-age=60"));
        var folder = Directory.CreateTempSubdirectory("cachegateway-test-");
        var file = System.IO.Path.Combine(folder.FullName, "gateway.json");
        await File.WriteAllTextAsync(file, Routes(first.Address, second.Address, """ "one": { "ClusterId": "first", "Match": { "Path": "/{**path}" } } """));
        await using var gateway = await GatewayHost.StartAsync(new Hosting.GatewaySettings { Urls = ["http://127.0.0.1:0"], ConfigFile = file }, time, _ => { });
        var address = new Uri(gateway.Urls.First());
        for (var i = 0; i < 3; i++)
        {
            Assert.Equal("first", (await GetAsync(address)).Text);
        }

        await File.WriteAllTextAsync(file, Routes(first.Address, second.Address,
            """ "one": { "ClusterId": "first", "Match": { "Path": "/{**path}" } }, "two": { "ClusterId": "second", "Match": { "Path": "/a" } } """));

        await Deadline.Until(async () => (await GetAsync(address)).Text == "second", "the new route");
        await Deadline.Until(async () => (await GetAsync(address)) is { Text: "second", CacheStatus.IsHit: true }, "a hit by the new route");
        folder.Delete(recursive: true);
    }

    private static string Routes(Uri first, Uri second, string routes) => $$"""
        { "ReverseProxy": {
            "Routes": { {{routes}} },
            "Clusters": {
              "first": { "Destinations": { "d": { "Address": "{{first}}" } } },
              "second": { "Destinations": { "d": { "Address": "{{second}}" } } } } } }
        """;

    private static async Task<RawResponse> GetAsync(Uri address)
    {
        await using var client = await RawClient.ConnectAsync(address);
        await client.SendAsync("GET", Path, [], null);
        return await client.ReadAsync("GET");
    }
}
