using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using CacheGateway.FunctionalTests.Promises;
using CacheGateway.Hosting;
using StackExchange.Redis;

namespace CacheGateway.FunctionalTests.Invalidation;

/// <summary>Signed webhooks on the public listener (Standard Webhooks).</summary>
public sealed class WebhookTests
{
    private const string Path = "/cache/webhook";
    private const string Secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
    private const string Other = "an older secret, still accepted";
    private const string Policies = """
        {
          "policies": { "x": { "match": { "path": "/c/{id}" }, "ttl": "1h", "tags": ["category:{id}"] } },
          "events": { "category.saved": ["category:{id}"], "order.saved": ["category:{id}", "customer:{customerId}"] }
        }
        """;

    private const string OtherRules = """
        {
          "policies": { "x": { "match": { "path": "/c/{id}" }, "ttl": "1h", "tags": ["category:{id}"] } },
          "events": { "category.saved": ["categories", "category:{id}"] }
        }
        """;

    private const string Body = """{"event":"category.saved","data":{"id":7}}""";

    private static readonly string Done = $"webhook:m1:{Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(Body)))}:{Nodes.Digest("category:7")}";

    [Theory]
    [InlineData(Secret, Body)]
    [InlineData(Other, Body)]
    [InlineData(Secret, """{"type":"category.saved","timestamp":"2031-03-04T12:00:00Z","data":{"id":7}}""")]
    [InlineData(Secret, """{"tags":["category:7"]}""")]
    public async Task Signed_IsRaisedBeforeTheAnswer(string secret, string body)
    {
        await using var env = await StartAsync();
        await env.GetAsync("/c/7");

        var answer = await PostAsync(env, body, secret: secret);

        Assert.Equal(200, answer.Status);
        Assert.Contains("\"durable\":true", answer.Text, StringComparison.Ordinal);
        Assert.Contains("\"scope\":{\"tags\":[\"category:7\"]}", answer.Text, StringComparison.Ordinal);
        Assert.Equal("2", (await env.GetAsync("/c/7")).Text);
        Assert.Equal(0, env.Origin.Requests(Path));
    }

    [Fact]
    public async Task SignedTwice_OneOfWhichFits_IsTaken()
    {
        await using var env = await StartAsync();
        Assert.Equal(200, (await PostAsync(env, Body, signature: fits => $"v1,{Convert.ToBase64String(new byte[32])} v1a,x {fits}")).Status);
    }

    [Fault("F-49", "Webhook flood, replay, slow body")]
    [Fact]
    [Attack("F06", "A signed webhook, sent again")]
    public async Task Replayed_DoesNothing()
    {
        await using var env = await StartAsync();
        await PostAsync(env, Body);
        await env.GetAsync("/c/7");

        Assert.Equal(200, (await PostAsync(env, Body)).Status);

        CacheAssert.Hit(await env.GetAsync("/c/7"));
        Assert.Equal(200, (await PostAsync(env, Body, id: "another")).Status);
        Assert.Equal("2", (await env.GetAsync("/c/7")).Text);
    }

    [Fact]
    public async Task IdOfBefore_WithAnotherBody_IsAnotherMessage()
    {
        await using var env = await StartAsync();
        await PostAsync(env, """{"event":"category.saved","data":{"id":8}}""");
        await env.GetAsync("/c/7");

        Assert.Equal(200, (await PostAsync(env, Body)).Status);

        Assert.Equal("2", (await env.GetAsync("/c/7")).Text);
    }

    [Theory]
    [Attack("F06", "A signed webhook, sent again")]
    [InlineData(-301, 401)]
    [InlineData(-299, 200)]
    [InlineData(299, 200)]
    [InlineData(301, 401)]
    public async Task Timestamp_MustBeWithinFiveMinutes(int seconds, int status)
    {
        await using var env = await StartAsync();
        Assert.Equal(status, (await PostAsync(env, Body, at: env.Time.GetUtcNow().AddSeconds(seconds))).Status);
    }

    [Fact]
    public async Task NotSigned_IsRefusedAndRaisesNothing()
    {
        await using var env = await StartAsync();
        await env.GetAsync("/c/7");

        Assert.Equal(401, (await PostAsync(env, Body, secret: "somebody else's secret")).Status);
        Assert.Equal(401, (await PostAsync(env, Body, signature: _ => "v1,")).Status);
        Assert.Equal(401, (await PostAsync(env, Body, signature: fits => fits.Replace("v1,", "v2,", StringComparison.Ordinal))).Status);
        Assert.Equal(401, (await PostAsync(env, Body, signature: _ => "v1,\u00e9")).Status);
        Assert.Equal(400, (await env.SendAsync("POST", Path, Body)).Status);
        Assert.Equal(400, (await PostAsync(env, Body, id: " ")).Status);
        Assert.Equal(405, (await env.GetAsync(Path)).Status);

        CacheAssert.Hit(await env.GetAsync("/c/7"));
        Assert.Equal(0, env.Origin.Requests(Path));
    }

    [Theory]
    [Attack("F08", "A body that reads differently once parsed")]
    [InlineData("{")]
    [InlineData("[]")]
    [InlineData("""{"event":"category.saved","event":"category.saved","data":{"id":7}}""")]
    [InlineData("""{"tags":["category:7"],"tags":[]}""")]
    [InlineData("""{"tags":["a tag"]}""")]
    [InlineData("""{"everything":true}""")]
    [InlineData("""{"event":"\ud800"}""")]
    [InlineData("""{"event":"category.saved\ud800","data":{"id":7}}""")]
    [InlineData("""{"\ud800":1,"tags":["category:7"]}""")]
    [InlineData("""{"\ud800":1,"\ud800":2}""")]
    [InlineData("""{"tags":["\ud800"]}""")]
    [InlineData("""{"tags":[null]}""")]
    [InlineData("""{"urls":[null],"prefixes":[null],"policies":[null]}""")]
    public async Task SignedNonsense_IsRefused(string body)
    {
        await using var env = await StartAsync();
        await env.GetAsync("/c/7");
        Assert.Equal(400, (await PostAsync(env, body)).Status);
        CacheAssert.Hit(await env.GetAsync("/c/7"));
    }

    [Theory]
    [InlineData("""{"urls":["/c/7"],"wait":"all"}""", "there is no member \"wait\"; there are tags, match, urls, prefixes, policies, all, soft")]
    [InlineData("""{"tag":["category:7"]}""", "there is no member \"tag\"; did you mean \"tags\"?")]
    [InlineData("""{"tags":"category:7"}""", "tags, urls, prefixes and policies are lists of strings")]
    public async Task MembersThatThereAreNot_AreNamed(string body, string said)
    {
        await using var env = await StartAsync();
        await env.GetAsync("/c/7");

        var told = await PostAsync(env, body);

        Assert.Equal(400, told.Status);
        Assert.Contains(said, JsonDocument.Parse(told.Text).RootElement.GetProperty("detail").GetString(), StringComparison.Ordinal);
        CacheAssert.Hit(await env.GetAsync("/c/7"));
    }

    /// <summary>Taken for one of the two, it would leave the other undone, and be answered as done.</summary>
    [Theory]
    [InlineData("""{"type":"cache.invalidate","tags":["category:7"]}""", "\"tags\"")]
    [InlineData("""{"event":"category.saved","data":{"id":7},"tags":["other"]}""", "\"tags\"")]
    [InlineData("""{"event":"category.saved","data":{"id":7},"all":true}""", "\"all\"")]
    public async Task EventAndScopeInOneBody_IsRefused_AndSaysWhatWouldBeRight(string body, string member)
    {
        await using var env = await StartAsync();
        await env.GetAsync("/c/7");

        var told = await PostAsync(env, body);

        Assert.Equal(400, told.Status);
        var detail = JsonDocument.Parse(told.Text).RootElement.GetProperty("detail").GetString();
        Assert.Contains(member, detail, StringComparison.Ordinal);
        Assert.Contains("leave out one of them", detail, StringComparison.Ordinal);
        CacheAssert.Hit(await env.GetAsync("/c/7"));
    }

    [Fact]
    public async Task PolicyThatIsNone_IsNamedInTheReceipt()
    {
        await using var env = await StartAsync();

        var told = await PostAsync(env, """{"policies":["x","categorys"]}""");

        Assert.Equal(200, told.Status);
        var warning = Assert.Single(JsonDocument.Parse(told.Text).RootElement.GetProperty("warnings").EnumerateArray()).GetString();
        Assert.Contains("\"categorys\"", warning, StringComparison.Ordinal);
    }

    [Fact]
    public async Task UnknownEvent_IsAcceptedAndIgnored()
    {
        await using var env = await StartAsync();
        await env.GetAsync("/c/7");
        Assert.Equal(200, (await PostAsync(env, """{"event":"nobody.knows","data":{}}""")).Status);
        CacheAssert.Hit(await env.GetAsync("/c/7"));
        Assert.Equal(1, await env.MetricAsync("cachegateway_events_ignored_total"));
    }

    /// <summary>Answered as done, it would leave what it does not name as it is, and its sender would never learn of it.</summary>
    [Fact]
    public async Task EventThatFillsPartOfItsRule_IsRaisedAsFarAsItGoes_AndTheRestIsNamed()
    {
        const string Part = """{"event":"order.saved","data":{"id":7}}""";
        await using var env = await StartAsync();
        await env.GetAsync("/c/7");

        var told = await PostAsync(env, Part);

        Assert.Equal(200, told.Status);
        var receipt = JsonDocument.Parse(told.Text).RootElement;
        Assert.Equal("customer:{customerId}", Assert.Single(receipt.GetProperty("unfilled").EnumerateArray()).GetString());
        Assert.True(receipt.GetProperty("durable").GetBoolean());
        Assert.Equal("2", (await env.GetAsync("/c/7")).Text);

        Assert.Equal(200, (await PostAsync(env, Part)).Status);
        CacheAssert.Hit(await env.GetAsync("/c/7"));

        // Corrected, it has the id that it had.
        Assert.Equal(200, (await PostAsync(env, """{"event":"order.saved","data":{"id":7,"customerId":3}}""")).Status);
        Assert.Equal("3", (await env.GetAsync("/c/7")).Text);
    }

    [Fact]
    public async Task EventThatFillsNothingOfItsRule_IsToldAsWrong()
    {
        await using var env = await StartAsync();
        await env.GetAsync("/c/7");

        var told = await PostAsync(env, """{"event":"order.saved","data":{"number":7}}""");

        Assert.Equal((422, "application/problem+json"), (told.Status, told.Header("Content-Type")));
        Assert.Equal(2, JsonDocument.Parse(told.Text).RootElement.GetProperty("unfilled").GetArrayLength());
        CacheAssert.Hit(await env.GetAsync("/c/7"));
    }

    [Fact]
    [Attack("F09", "Floods of webhooks")]
    public async Task TooLarge_IsRefusedUnread()
    {
        await using var env = await StartAsync();
        await using var client = await env.ConnectAsync();
        await client.SendAsync($"POST {Path} HTTP/1.1\r\nHost: h\r\nContent-Length: 262145\r\n\r\n");
        Assert.Equal(413, (await client.ReadAsync("POST")).Status);
    }

    [Fact]
    [Attack("F09", "Floods of webhooks")]
    [Fault("F-49", "A flood of webhooks from one source: refused")]
    public async Task TooMany_FromOneSource_AreRefused()
    {
        await using var env = await StartAsync();
        await using var client = await env.ConnectAsync();
        var statuses = new HashSet<int>();
        // Many at once: on a busy machine one after the other would not be a flood.
        var flood = string.Concat(Enumerable.Repeat($"POST {Path} HTTP/1.1\r\nHost: h\r\nContent-Length: 0\r\n\r\n", 250));
        for (var sent = 0; sent < 10_000 && !statuses.Contains(429); sent += 250)
        {
            await client.SendAsync(flood);
            for (var i = 0; i < 250; i++)
            {
                statuses.Add((await client.ReadAsync("POST")).Status);
            }
        }

        Assert.Contains(429, statuses);
    }

    /// <summary>Behind a balancer all have one address: what anybody sends must not cost a backend what it may send.</summary>
    [Fact]
    [Fault("F-49", "A flood of webhooks that nobody signed: those that are signed are taken from the same source")]
    public async Task FloodThatNobodySigned_TakesNoTurnOfWhoDoes()
    {
        await using var env = await StartAsync();
        await using var client = await env.ConnectAsync();
        await env.GetAsync("/c/7");
        var flood = string.Concat(Enumerable.Repeat($"POST {Path} HTTP/1.1\r\nHost: h\r\nContent-Length: 0\r\n\r\n", 250));
        var last = 0;
        for (var sent = 0; sent < 10_000 && last != 429; sent += 250)
        {
            await client.SendAsync(flood);
            for (var i = 0; i < 250; i++)
            {
                last = (await client.ReadAsync("POST")).Status;
            }
        }

        Assert.Equal(429, last);
        Assert.Equal(200, (await PostAsync(env, Body)).Status);
        Assert.Equal("2", (await env.GetAsync("/c/7")).Text);
    }

    [Fact]
    public async Task RedisAway_IsRefusedWithRetryAfter_AndTheIdIsNotTaken()
    {
        await using var nodes = await Nodes.StartAsync(1, WithWebhook, Policies);
        nodes.Redis.Pause();
        var refused = await PostAsync(nodes.A, Body, at: DateTimeOffset.UtcNow);
        nodes.Redis.Resume();
        await Nodes.UntilTrusted(nodes.A);
        RawResponse? again = null;
        await Deadline.Until(async () => (again = await PostAsync(nodes.A, Body, at: DateTimeOffset.UtcNow)).Status == 200, "taken");

        Assert.Equal((503, "5"), (refused.Status, refused.Header("Retry-After")));
        Assert.False((await nodes.Redis.RunAsync("ZSCORE", "test:{fence}:done", Done)).IsNull);
    }

    [Fact]
    [Fault("F-08", "Redis refuses writes because a snapshot failed: a webhook is answered 503 with Retry-After, and is taken when it is sent again afterwards")]
    public async Task SnapshotFailed_IsRefusedWithRetryAfter_AndTheIdIsNotTaken()
    {
        await using var nodes = await Nodes.StartAsync(1, WithWebhook, Policies);
        nodes.Origin.GetNumbered("/c/7", Numbered.Fresh);
        await nodes.A.GetAsync("/c/7");
        await nodes.Redis.FailSnapshotsAsync();

        var refused = await PostAsync(nodes.A, Body, at: DateTimeOffset.UtcNow);

        Assert.Equal((503, "5"), (refused.Status, refused.Header("Retry-After")));
        Assert.Contains("\"durable\":false", refused.Text, StringComparison.Ordinal);
        Assert.Equal("2", (await nodes.A.GetAsync("/c/7")).Text);
        Assert.True((await nodes.Redis.RunAsync("ZSCORE", "test:{fence}:done", Done)).IsNull);
        await nodes.Redis.HealSnapshotsAsync();
        await nodes.A.UntilMetric("cachegateway_bus_replayed_total", count => count == 1);
        Assert.Equal(200, (await PostAsync(nodes.A, Body, at: DateTimeOffset.UtcNow)).Status);
    }

    /// <summary>What the gateway that was cut off has in its journal, another one has done meanwhile, and more was raised since.</summary>
    [Fact]
    public async Task RedisAway_SentAgainToAnotherGateway_IsReplayedAndEmptiesNobody()
    {
        // Longer than the test: the one that is cut off counts as live, and as missing.
        await using var nodes = await Nodes.StartAsync(1, settings => WithWebhook(settings) with { MaxBlind = TimeSpan.FromMinutes(5) }, Policies);
        await using var way = FaultProxy.Before(nodes.Redis.Port);
        var cut = await nodes.AddAsync(way.Address);
        nodes.Origin.GetNumbered("/c/7", Numbered.Fresh);
        nodes.Origin.GetNumbered("/c/8", Numbered.Fresh);
        await cut.GetAsync("/c/7");
        await cut.GetAsync("/c/8");

        way.ToServer.Hold();
        Assert.Equal(503, (await PostAsync(cut, Body, at: DateTimeOffset.UtcNow)).Status);
        Assert.Equal(202, (await PostAsync(nodes.A, Body, at: DateTimeOffset.UtcNow)).Status);
        Assert.Equal(200, (await nodes.RaiseAsync(new { tags = (string[])["another"], wait = "local" })).Status);
        way.ToServer.Release();

        await cut.UntilMetric("cachegateway_bus_replayed_total", count => count == 1);
        Assert.Equal(200, (await nodes.RaiseAsync(new { tags = (string[])["another"], wait = "all", timeoutMs = 20_000 })).Status);
        Assert.Equal(0, await cut.MetricAsync("cachegateway_bus_gaps"));
        CacheAssert.Hit(await cut.GetAsync("/c/8"));
        Assert.Equal("2", (await cut.GetAsync("/c/7")).Text);
    }

    /// <summary>Whoever caught one may send it as often as he likes for five minutes: that must not fill the stream, nor clear anything once more.</summary>
    [Fact]
    [Attack("F06", "A signed webhook, sent again")]
    public async Task Replayed_IsPassedOnOnceByEachGateway_AndDoneOnceByOtherRules()
    {
        await using var nodes = await Nodes.StartAsync(2, WithWebhook, Policies);
        await nodes.AddAsync(policies: OtherRules);
        nodes.Origin.GetNumbered("/c/7", Numbered.Fresh);
        var at = DateTimeOffset.UtcNow;

        foreach (var node in (GatewayEnvironment[])[nodes.A, nodes.B, nodes.A, nodes.B, nodes.A])
        {
            Assert.InRange((await PostAsync(node, Body, at: at)).Status, 200, 202);
        }

        Assert.Equal(2, (long)await nodes.Redis.RunAsync("XLEN", "cachegateway:events"));
        var last = (string)((RedisResult[])((RedisResult[])await nodes.Redis.RunAsync("XREVRANGE", "cachegateway:events", "+", "-", "COUNT", "1"))![0]!)[0]!;
        await Deadline.Until(
            async () => ((string[])await nodes.Redis.RunAsync("HVALS", "test:{fence}:state")).Count(value => value == last) == 3, "both rules have read both, and so the furthest place is there");
        // Once by the rules of those that got it, once by the others.
        Assert.Equal(2, (long)await nodes.Redis.RunAsync("XLEN", "test:{fence}:audit"));

        Assert.InRange((await PostAsync(nodes.A, Body, id: "m2", at: at)).Status, 200, 202);
        Assert.Equal(3, (long)await nodes.Redis.RunAsync("XLEN", "cachegateway:events"));

        // Other bytes say something else to the others, too.
        Assert.InRange((await PostAsync(nodes.A, Body + " ", at: at)).Status, 200, 202);
        await Deadline.Until(async () => (long)await nodes.Redis.RunAsync("XLEN", "test:{fence}:audit") == 6, "both rules have raised each of the three");
    }

    /// <summary>What Redis did not take is passed on when it is sent again.</summary>
    [Fact]
    public async Task NotPassedOn_IsPassedOnWhenItIsSentAgain()
    {
        await using var nodes = await Nodes.StartAsync(1, WithWebhook, Policies);
        await nodes.Redis.RunAsync("SET", "cachegateway:events", "of another type");
        Assert.Equal(202, (await PostAsync(nodes.A, Body, at: DateTimeOffset.UtcNow)).Status);
        await nodes.Redis.RunAsync("DEL", "cachegateway:events");

        Assert.InRange((await PostAsync(nodes.A, Body, at: DateTimeOffset.UtcNow)).Status, 200, 202);

        Assert.Equal(1, (long)await nodes.Redis.RunAsync("XLEN", "cachegateway:events"));
    }

    internal static GatewaySettings WithWebhook(GatewaySettings settings) => settings with { WebhookPath = Path, WebhookSecrets = [Secret, Other] };

    private static async Task<GatewayEnvironment> StartAsync()
    {
        var env = await GatewayEnvironment.StartAsync(new EnvironmentOptions { Policies = Policies, Settings = WithWebhook });
        env.Origin.GetNumbered("/c/7", Numbered.Fresh);
        return env;
    }

    internal static async Task<RawResponse> PostAsync(
        GatewayEnvironment env, string body, string secret = Secret, string id = "m1", DateTimeOffset? at = null, Func<string, string>? signature = null)
    {
        var timestamp = (at ?? env.Time.GetUtcNow()).ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture);
        var key = secret.StartsWith("whsec_", StringComparison.Ordinal) ? Convert.FromBase64String(secret[6..]) : Encoding.UTF8.GetBytes(secret);
        var fits = "v1," + Convert.ToBase64String(HMACSHA256.HashData(key, Encoding.UTF8.GetBytes($"{id}.{timestamp}.{body}")));
        return await env.SendAsync(
            "POST", Path, body, $"webhook-id: {id}", $"webhook-timestamp: {timestamp}", $"webhook-signature: {signature?.Invoke(fits) ?? fits}");
    }
}
