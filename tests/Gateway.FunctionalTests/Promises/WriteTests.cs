using System.Collections.Concurrent;
using System.Net;
using CacheGateway.FunctionalTests.Redis;
using CacheGateway.Invalidation;
using Microsoft.Extensions.DependencyInjection;

namespace CacheGateway.FunctionalTests.Promises;

/// <summary>What a write raises can be compared with what is stored, whatever its target looks like and however old its HTTP is.</summary>
public sealed class WriteTests
{
    private const string Policies = """
        { "policies": {
            "one": { "match": { "path": "/clients/{id}" }, "ttl": "1h", "tags": ["client:{id}"], "invalidates": ["client:{id}"] },
            "item": { "match": { "path": "/items/{id}" }, "ttl": "1h" },
            "other": { "match": { "path": "/other", "hosts": ["gw.test"] }, "ttl": "1h", "tags": ["other"], "invalidates": ["other"] } } }
        """;

    [Fact]
    public async Task HttpOneZero_WithoutAHost_InvalidatesForEveryHost()
    {
        await using var env = await GatewayEnvironment.StartAsync(Policies);
        foreach (var path in (string[])["/clients/7", "/other"])
        {
            env.Origin.On(null, path, request => Reply.Ok($"{request.PathNumber}"));
            await env.GetAsync(path, "Host: gw.test");
            CacheAssert.Hit(await env.GetAsync(path, "Host: gw.test"));

            await using var client = await env.ConnectAsync();
            await client.SendAsync($"POST {path} HTTP/1.0\r\nContent-Length: 0\r\n\r\n");
            Assert.Equal(200, (await client.ReadAsync("POST")).Status);

            Assert.Equal("3", (await env.GetAsync(path, "Host: gw.test")).Text);
        }
    }

    [Fact]
    public async Task NameTooLongForATag_LeavesOtherNodesWhatTheyHave()
    {
        await using var nodes = await FunctionalTests.Invalidation.Nodes.StartAsync(2, policies: Policies);
        nodes.Origin.On(null, "*", request => Reply.Ok($"{request.PathNumber}"));
        await nodes.B.FetchAsync("/clients/7");
        await nodes.B.FetchAsync("/clients/8");

        foreach (var id in (string[])[new string('x', 300), "8"])
        {
            Assert.Equal(200, (await nodes.A.SendAsync("PUT", $"/clients/{id}", "", "Host: shared.test")).Status);
        }

        await Deadline.Until(async () => !(await nodes.B.FetchAsync("/clients/8")).CacheStatus!.IsHit, "the second write is known everywhere");
        CacheAssert.Hit(await nodes.B.FetchAsync("/clients/7"));
    }

    [Fact]
    public async Task WriteWithAQuery_ClearsWhatThePathNames()
    {
        await using var env = await GatewayEnvironment.StartAsync(Policies);
        env.Origin.On(null, "/items/7", request => Reply.Ok($"{request.PathNumber}"));
        foreach (var target in (string[])["/items/7", "/items/7?page=2"])
        {
            await env.GetAsync(target);

            await env.SendAsync("PUT", "/items/7?notify=true", "");

            CacheAssert.Miss(await env.GetAsync(target));
        }
    }

    /// <summary>The same thing by another name: as RFC 3986 6.2.2 spells it, over TLS that ends elsewhere, or by the host that the origin knows.</summary>
    [Theory]
    [InlineData("/b", "/a/../b")]
    [InlineData("/~joe", "/%7Ejoe")]
    [InlineData("/%7Ejoe", "/~joe")]
    [InlineData("/%7ejoe", "/%7Ejoe")]
    [InlineData("/a%2fb?q=%c3%a9", "/a%2Fb?q=%C3%A9")]
    [InlineData("/%61b", "/a%62")]
    [InlineData("/o/%7Ea", "/o/x", "Location: %7Ea")]
    [InlineData("/o/7", "/o", "Location: https://h.test/o/7")]
    [InlineData("/o/7", "/o", "Content-Location: http://internal.test/o/7")]
    public async Task WriteThatNamesItOtherwise_ClearsIt(string stored, string written, params string[] answer)
    {
        await using var env = await GatewayEnvironment.StartAsync(new EnvironmentOptions { Settings = settings => settings with { OriginHost = "internal.test" } });
        env.Origin.GetNumbered("/*", Numbered.Fresh);
        env.Origin.On("PUT", "*", _ => Reply.Of(201, "", answer));
        await env.GetAsync(stored, "Host: h.test");
        CacheAssert.Hit(await env.GetAsync(stored, "Host: h.test"));

        Assert.Equal(201, (await env.SendAsync("PUT", written, "", "Host: h.test")).Status);

        CacheAssert.Miss(await env.GetAsync(stored, "Host: h.test"));
    }

    /// <summary>What a write carries is rarely what a read does.</summary>
    [Theory]
    [InlineData("\"query\": { \"view\": \"full\" }", "/x?view=full")]
    [InlineData("\"headers\": { \"Accept\": \"text/html\" }", "/x", "Accept: text/html")]
    public async Task PolicyWhoseOtherConditionsDoNotHoldForTheWrite_IsRaisedAllTheSame(string condition, string read, params string[] headers)
    {
        await using var env = await GatewayEnvironment.StartAsync($$"""
            { "policies": {
                "list": { "match": { "path": "/list" }, "ttl": "1h", "tags": ["list"] },
                "x": { "match": { "path": "/x", {{condition}} }, "ttl": "1h", "invalidates": ["list"] } } }
            """);
        env.Origin.On(null, "*", request => Reply.Ok($"{request.PathNumber}"));
        await env.GetAsync("/list");
        await env.GetAsync(read, headers);
        CacheAssert.Hit(await env.GetAsync(read, headers));

        await env.SendAsync("PUT", "/x", "");

        CacheAssert.Miss(await env.GetAsync("/list"));
    }

    /// <summary>A template is compared byte for byte with what is read; a write that means the same concerns it however it is written.</summary>
    [Theory]
    [InlineData("/%7Ejoe", "/%7Ejoe", "/~joe")]
    [InlineData("/%7Ejoe", "/%7Ejoe", "/~joe?notify=1")]
    [InlineData("/caf%c3%a9/{id}", "/caf%c3%a9/7", "/caf%C3%A9/7")]
    [InlineData("/caf%c3%a9/{*rest}", "/caf%c3%a9/7/8", "/caf%C3%A9/7/8")]
    [InlineData("/api/products", "/api/products", "/api/products/")]
    [InlineData("/api/products/", "/api/products/", "/api/products")]
    [InlineData("/Api/Products/{id}", "/Api/Products/7", "/api/products/7")]
    [InlineData("/api/products/{id}", "/api/products/7", "/api/products/7/")]
    [InlineData("/api/products/{id:int}", "/api/products/7", "/API/Products/7?notify=1")]
    [InlineData("/api/{kind}/{id}", "/api/Cups/7", "//api//Cups///7")]
    [InlineData("/api/products/{id}", "/api/products/A7", "/api;v=1/product%73/A7;v=1")]
    [InlineData("/files/{*rest}", "/files/a/B", "/Files//a/B")]
    [InlineData("/files/{*rest}", "/files/", "/files")]
    public async Task PolicyThatIsSpeltOtherwise_IsRaisedAllTheSame(string template, string read, string write)
    {
        await using var env = await GatewayEnvironment.StartAsync($$"""
            { "policies": {
                "list": { "match": { "path": "/list" }, "ttl": "1h", "tags": ["joe"] },
                "x": { "match": { "path": "{{template}}" }, "ttl": "1h", "invalidates": ["joe"] } } }
            """);
        env.Origin.On(null, "*", request => Reply.Ok($"{request.PathNumber}"));
        await env.GetAsync("/list");
        await env.GetAsync(read);

        await env.SendAsync("PUT", write, "");

        CacheAssert.Miss(await env.GetAsync("/list"));
        CacheAssert.Miss(await env.GetAsync(read));
    }

    [Fact]
    public async Task QueryThatThePolicyReorders_IsClearedAsItIsWritten()
    {
        await using var env = await GatewayEnvironment.StartAsync("""
            { "policies": { "all": { "match": { "path": "/{*rest}" }, "ttl": "1h", "key": { "query": { "ignore": ["utm_*"], "sort": true } } } } }
            """);
        const string Written = "/s?b=1&a=2&utm_source=z";
        env.Origin.GetNumbered("/s");
        env.Origin.On("POST", "/new", _ => Reply.Of(201, "", $"Location: {Written}"));
        await env.GetAsync(Written);

        using (var answer = await env.InvalidateAsync(new { urls = (string[])[new Uri(env.Address, Written).ToString()] }))
        {
            Assert.Equal(System.Net.HttpStatusCode.OK, answer.StatusCode);
        }

        CacheAssert.Miss(await env.GetAsync("/s?a=2&b=1"));
        CacheAssert.Hit(await env.GetAsync(Written));
        await env.SendAsync("POST", "/new", "");
        CacheAssert.Miss(await env.GetAsync(Written));
    }

    [Fact]
    public async Task RaiseThatFails_ChangesNoAnswer_AndIsTriedAgain()
    {
        var bus = new BrokenBus();
        await using var env = await GatewayEnvironment.StartAsync(new EnvironmentOptions { Configure = builder => builder.Services.AddSingleton<IInvalidationBus>(bus) });
        env.Origin.On("PUT", "/x", _ => Reply.Of(201, "made"));

        var answer = await env.SendAsync("PUT", "/x", "");

        Assert.Equal((201, "made"), (answer.Status, answer.Text));
        // Once more when the answer is out.
        await Deadline.Until(() => Task.FromResult(bus.Raised == 2), "it is tried again");
        Assert.False(bus.IsSoft);
    }

    /// <summary>The origin commits after the client has left: who asked in between was told the old, which must not stay.</summary>
    [Fact]
    public async Task WriteWhoseOutcomeNobodyKnows_IsRaisedOnceMoreLater()
    {
        await using var env = await GatewayEnvironment.StartAsync();
        var version = 1;
        env.Origin.Get("/x", _ => Reply.Ok($"{Volatile.Read(ref version)}", "Cache-Control: max-age=3600"));
        env.Origin.On("PUT", "/x", _ => Reply.Of(204, ""));
        await env.GetAsync("/x");
        env.Origin.Hold("/x");
        await using (var client = await env.ConnectAsync())
        {
            await client.SendAsync("PUT", "/x", ["Content-Length: 0"]);
            await env.Origin.Reached("/x", 2);
            client.Abort();
        }

        await env.UntilMetric("cachegateway_invalidations_total", count => count == 1);
        env.Origin.Release("/x");
        Assert.Equal("1", (await env.GetAsync("/x")).Text);
        Volatile.Write(ref version, 2);
        CacheAssert.Hit(await env.GetAsync("/x"));

        await UntilRaisedLaterAsync(env, 2);
        Assert.Equal("2", (await env.GetAsync("/x")).Text);
    }

    /// <summary>What is stored by then has the tags of the file that is in force then.</summary>
    [Fact]
    public async Task WriteWhoseOutcomeNobodyKnows_IsRaisedLater_ByTheRulesInForceThen()
    {
        static string With(string tag) => $$"""
            { "policies": {
                "list": { "match": { "path": "/list" }, "ttl": "1d", "tags": ["{{tag}}:7"] },
                "writes": { "match": { "path": "/w" }, "ttl": "1d", "key": { "headers": ["X-Shop"] }, "invalidates": ["{{tag}}:{header.X-Shop}"] } } }
            """;
        await using var env = await GatewayEnvironment.StartAsync(With("before"));
        var version = 1;
        env.Origin.Get("/list", _ => Reply.Ok($"{Volatile.Read(ref version)}"));
        env.Origin.On("PUT", "/w", _ => Reply.Of(204, ""));
        env.Origin.Hold("/w");
        await using (var client = await env.ConnectAsync())
        {
            await client.SendAsync("PUT", "/w", ["Content-Length: 0", "X-Shop: 7"]);
            await env.Origin.Reached("/w");
            client.Abort();
        }

        await env.UntilMetric("cachegateway_invalidations_total", count => count == 1);
        env.Origin.Release("/w");
        await env.ChangePoliciesAsync(With("after"));
        await env.UntilMetric("cachegateway_invalidations_total", count => count == 2);
        Assert.Equal("1", (await env.GetAsync("/list")).Text);
        Volatile.Write(ref version, 2);
        CacheAssert.Hit(await env.GetAsync("/list"));

        await UntilRaisedLaterAsync(env, 3);
        Assert.Equal("2", (await env.GetAsync("/list")).Text);
    }

    /// <summary>An origin may take longer than that, where its policy lets it.</summary>
    [Fact]
    public async Task WriteWhoseOutcomeNobodyKnows_IsRaisedAgainWhenTheOriginsTimeIsOver()
    {
        await using var env = await GatewayEnvironment.StartAsync("""
            { "policies": {
                "x": { "match": { "path": "/x" }, "ttl": "1h" },
                "writes": { "match": { "path": "/x", "methods": ["PUT"] }, "firstByteTimeout": "10m" } } }
            """);
        env.Origin.GetNumbered("/x");
        env.Origin.On("PUT", "/x", Reply (_) => Reply.Exactly("", ReplyEnding.Reset));

        Assert.Equal(502, (await env.SendAsync("PUT", "/x", "")).Status);

        foreach (var (seconds, raised) in ((double, int)[])[(30, 2), (570, 3)])
        {
            await env.GetAsync("/x");
            await env.UntilMetric("cachegateway_invalidations_total", count => count == raised - 1);
            env.Time.AdvanceSeconds(seconds - 1);
            CacheAssert.Hit(await env.GetAsync("/x"));
            await Deadline.Until(
                async () =>
                {
                    env.Time.AdvanceSeconds(1);
                    return await env.MetricAsync("cachegateway_invalidations_total") == raised;
                },
                $"it is raised {raised} times");
            CacheAssert.Miss(await env.GetAsync("/x"));
        }
    }

    /// <summary>What the origin commits behind the head of its answer was asked for by others meanwhile; who wrote reads to the end, and finds none of it.</summary>
    [Theory]
    [InlineData("text/event-stream")]
    [InlineData("application/x-ndjson")]
    public async Task WriteThatIsDoneBehindTheHeadOfItsAnswer_IsRaisedOnceMoreBeforeItsEnd(string type)
    {
        await using var env = await GatewayEnvironment.StartAsync();
        var (version, saved) = (1, new Gate());
        env.Origin.Get("/x", _ => Reply.Ok($"{Volatile.Read(ref version)}", "Cache-Control: max-age=3600"));
        env.Origin.On("POST", "/x", _ => Reply.Chunked(["begun\n", saved, "saved\n"], $"Content-Type: {type}"));
        var write = env.SendAsync("POST", "/x", "");
        await env.UntilMetric("cachegateway_invalidations_total", count => count == 1);
        Assert.Equal("1", (await env.GetAsync("/x")).Text);
        env.Time.AdvanceSeconds(1);
        CacheAssert.Hit(await env.GetAsync("/x"));

        Volatile.Write(ref version, 2);
        saved.Open();

        Assert.Equal("begun\nsaved\n", (await write).Text);
        Assert.Equal("2", (await env.GetAsync("/x")).Text);
    }

    /// <summary>What became of it after the head nobody knows.</summary>
    [Fact]
    public async Task WriteWhoseAnswerBreaksBehindItsHead_IsRaisedOnceMore_AndLater()
    {
        await using var env = await GatewayEnvironment.StartAsync();
        var (version, saved) = (1, new Gate());
        env.Origin.Get("/x", _ => Reply.Ok($"{Volatile.Read(ref version)}", "Cache-Control: max-age=3600"));
        env.Origin.On("POST", "/x", _ => Reply.Chunked(["begun\n", saved], "Content-Type: text/event-stream") with { LastChunk = false, Ending = ReplyEnding.Reset });
        var write = env.SendAsync("POST", "/x", "");
        await env.UntilMetric("cachegateway_invalidations_total", count => count == 1);
        Assert.Equal("1", (await env.GetAsync("/x")).Text);

        Volatile.Write(ref version, 2);
        saved.Open();

        Assert.False((await write).Complete);
        await env.UntilMetric("cachegateway_invalidations_total", count => count == 2);
        Assert.Equal("2", (await env.GetAsync("/x")).Text);
        Volatile.Write(ref version, 3);
        await UntilRaisedLaterAsync(env, 3);
        Assert.Equal("3", (await env.GetAsync("/x")).Text);
    }

    /// <summary>Answers that come at once are the most, and cost one raise.</summary>
    [Fact]
    public async Task WriteThatIsAnsweredAtOnce_IsRaisedOnce()
    {
        await using var env = await GatewayEnvironment.StartAsync();
        env.Origin.On("POST", "/x", _ => Reply.Chunked(["sa", "ved"]));

        Assert.Equal("saved", (await env.SendAsync("POST", "/x", "")).Text);

        env.Time.AdvanceSeconds(31);
        Assert.Equal(1, await env.MetricAsync("cachegateway_invalidations_total"));
    }

    /// <summary>All raises of one write share the time that its client may wait; and where the answer is whole with its head, there is no later one.</summary>
    [Theory]
    [InlineData("HTTP/1.1 204 No Content\r\n\r\n", 2000)]
    [InlineData("HTTP/1.1 201 Created\r\nContent-Length: 0\r\n\r\n", 2000)]
    [InlineData("HTTP/1.1 201 Created\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nmade\r\n0\r\n\r\n", 2000, 250)]
    public async Task RaisesThatTakeLong_ShareTheTimeOfTheirClient(string reply, params int[] waits)
    {
        var bus = new SlowBus();
        await using var env = await GatewayEnvironment.StartAsync(new EnvironmentOptions
        {
            Policies = """{ "policies": { "x": { "match": { "path": "/x" }, "ttl": "1h", "invalidateWait": "all" } } }""",
            Configure = builder => builder.Services.AddSingleton<IInvalidationBus>(bus),
            Settings = settings => settings with { H2cUrls = ["http://127.0.0.1:0"] },
        });
        bus.Time = env.Time;
        env.Origin.On("PUT", "/x", _ => Reply.Exactly(reply));
        using var request = new HttpRequestMessage(HttpMethod.Put, new Uri(env.Addresses[1], "/x")) { Version = HttpVersion.Version20, VersionPolicy = HttpVersionPolicy.RequestVersionExact };

        Assert.True((await env.SendAsync("PUT", "/x", "")).Complete);
        using var answer = await env.Client.SendAsync(request);
        await answer.Content.ReadAsStringAsync();

        Assert.Equal([.. waits, .. waits], bus.Orders.Select(order => (int)order.Timeout.TotalMilliseconds));
    }

    /// <summary>What no policy takes costs this node nothing while Redis is away, however often it is raised.</summary>
    [Fact]
    public async Task WriteThatNoPolicyTakes_IsToldToOthersAloneLaterToo()
    {
        var bus = new SlowBus();
        await using var env = await GatewayEnvironment.StartAsync(new EnvironmentOptions
        {
            Policies = """{ "policies": { "x": { "match": { "path": "/x" }, "ttl": "1h" } } }""",
            Configure = builder => builder.Services.AddSingleton<IInvalidationBus>(bus),
        });
        env.Origin.On("PUT", "/y", Reply (_) => Reply.Exactly("", ReplyEnding.Reset));
        Assert.Equal(502, (await env.SendAsync("PUT", "/y", "")).Status);

        await Deadline.Until(
            () =>
            {
                env.Time.AdvanceSeconds(31);
                return Task.FromResult(bus.Orders.Count > 1);
            },
            "it is raised again");

        Assert.All(bus.Orders, order => Assert.Equal(InvalidationFallback.Tell, order.Fallback));
    }

    /// <summary>What waits to be raised once more does so on the gateway's clock.</summary>
    private static Task UntilRaisedLaterAsync(GatewayEnvironment env, int raised) => Deadline.Until(
        async () =>
        {
            env.Time.AdvanceSeconds(31);
            return await env.MetricAsync("cachegateway_invalidations_total") == raised;
        },
        $"it is raised {raised} times");

    /// <summary>Keeps what it is given, and takes all the time that an order leaves it, where it has a clock.</summary>
    private sealed class SlowBus : IInvalidationBus
    {
        public ConcurrentQueue<InvalidationOrder> Orders { get; } = [];

        public ManualTime? Time { get; set; }

        public IReadOnlyList<string> Warnings => [];

        public Task<InvalidationReceipt> RaiseAsync(InvalidationOrder order, CancellationToken cancellation)
        {
            Orders.Enqueue(order);
            Time?.AdvanceSeconds(order.Timeout.TotalSeconds);
            return Task.FromResult(new InvalidationReceipt(order.Id, 1, true, [], []));
        }
    }

    private sealed class BrokenBus : IInvalidationBus
    {
        private int _raised;

        public int Raised => Volatile.Read(ref _raised);

        /// <summary>Whether any of them was.</summary>
        public bool IsSoft { get; private set; }

        public IReadOnlyList<string> Warnings => [];

        public Task<InvalidationReceipt> RaiseAsync(InvalidationOrder order, CancellationToken cancellation)
        {
            IsSoft |= order.Scope.Soft;
            Interlocked.Increment(ref _raised);
            throw new InvalidOperationException("broken");
        }
    }

    [Fact]
    public async Task TargetTooLongToBeStored_RaisesNothing()
    {
        await using var env = await GatewayEnvironment.StartAsync();
        env.Origin.On(null, "*", _ => Reply.Ok("x"));
        var before = await env.MetricAsync("cachegateway_invalidations_total");

        await env.SendAsync("POST", $"/s?q={new string('x', 9000)}", "");
        await env.SendAsync("POST", "/s?q=1", "");

        Assert.Equal(1, await env.MetricAsync("cachegateway_invalidations_total") - before);
    }
}
