using Microsoft.Extensions.Logging;

namespace CacheGateway.FunctionalTests.Admin;

/// <summary>What happens, told to whoever listens: the stream of server-sent events, and the dashboard's page of it.</summary>
public sealed class LiveFeedTests
{
    private const string Fresh = "Cache-Control: max-age=6000";

    [Fact]
    public async Task LiveEvents_TellOfAnInvalidation()
    {
        await using var env = await GatewayEnvironment.StartAsync();
        await using var client = await ListenAsync(env);

        await env.InvalidateAsync("products");

        Assert.Equal("products", (await EventAsync(client, "invalidation")).GetProperty("tags")[0].GetString());
    }

    [Fact]
    public async Task LiveEvents_TellOfTheBeginningAndTheEndOfAWarmUp()
    {
        await using var env = await GatewayEnvironment.StartAsync();
        env.Origin.Get("/a", Reply.Ok("x", Fresh));
        env.Origin.Get("/b", Reply.Of(503, "x"));
        await using var client = await ListenAsync(env);

        var job = await env.PostJsonAsync("warm-cache", new { urls = (string[])["/a", "/b"] });

        var began = await EventAsync(client, "warming");
        Assert.Equal((job.Text("id"), "running", "api", 2), (began.Text("id"), began.Text("state"), began.Text("cause"), began.Number("total")));
        var ended = await EventAsync(client, "warming");
        Assert.Equal((job.Text("id"), "done", 2, 1, 1), (ended.Text("id"), ended.Text("state"), ended.Number("done"), ended.Number("stored"), ended.Number("failed")));
    }

    [Fact]
    public async Task LiveEvents_TellOfTagsThatAreMeantTogether()
    {
        await using var env = await GatewayEnvironment.StartAsync();
        await using var client = await ListenAsync(env);

        using var answer = await env.InvalidateAsync(new { tags = (string[])["products", "sale"], match = "all" });

        var told = await EventAsync(client, "invalidation");
        Assert.Equal(["products", "sale"], told.GetProperty("every").EnumerateArray().Select(tag => tag.GetString()));
        Assert.Equal((0, 0), (told.GetProperty("tags").GetArrayLength(), told.Number("others")));
    }

    [Fact]
    public async Task LiveEvents_AreForSoManyListenersAndNoMore()
    {
        await using var env = await GatewayEnvironment.StartAsync();
        var clients = new List<RawClient>();
        for (var i = 0; i < 33; i++)
        {
            var client = await RawClient.ConnectAsync(env.Addresses[^1]);
            clients.Add(client);
            await client.SendAsync("GET", "/api/v2/cache/events", []);
            var (status, _) = await client.ReadHeadAsync();
            Assert.Contains(i < 32 ? "200" : "503", status);
        }

        foreach (var client in clients)
        {
            await client.DisposeAsync();
        }
    }

    /// <summary>In the words of the audit: what was named, with queries hidden, and who did it.</summary>
    [Theory]
    [InlineData("""{"policies":["nope"]}""", "policy nope by admin 127.0.0.1")]
    [InlineData("""{"urls":["/x?token=SECRET"],"soft":true}""", "URL /x?token=…, softly by admin 127.0.0.1")]
    [InlineData("""{"urls":["https://shop.test?token=SECRET/b"]}""", "URLs https://shop.test?token=…, https://shop.test/?token=… by admin 127.0.0.1")]
    [InlineData("""{"prefixes":["/users/SECRET%40example.org"]}""", "prefix /users/… by admin 127.0.0.1")]
    [InlineData("""{"tags":["a"],"prefixes":["/api/"],"reason":"import"}""", "tag a and prefix /api/ by admin 127.0.0.1 (import)")]
    public async Task Invalidation_IsToldInTheWordsOfTheAudit(string order, string told)
    {
        await using var env = await GatewayEnvironment.StartAsync();
        await using var client = await ListenAsync(env);

        using var answer = await env.PostAdminAsync("/api/v2/cache/invalidate", order);

        var what = (await EventAsync(client, "invalidation")).Text("what")!;
        Assert.StartsWith(what + " by ", told, StringComparison.Ordinal);
        var page = await UntilFedAsync(env, "by admin");
        Assert.Contains(told, page, StringComparison.Ordinal);
        Assert.DoesNotContain("SECRET", page, StringComparison.Ordinal);
    }

    [Fact]
    public async Task WriteThroughTheGateway_IsToldAsOne()
    {
        await using var env = await GatewayEnvironment.StartAsync();
        env.Origin.On("POST", "/x", _ => Reply.Ok("done"));

        await env.SendAsync("POST", "/x?token=SECRET", "x");

        var page = await UntilFedAsync(env, "by a write");
        Assert.Contains("/x?token=…", page, StringComparison.Ordinal);
        Assert.DoesNotContain("SECRET", page, StringComparison.Ordinal);
        Assert.DoesNotContain("unsafemethod", page, StringComparison.OrdinalIgnoreCase);
    }

    /// <summary>The name is what helps who misspelt it; it is a sender's text, so it is shown as far as it is a name.</summary>
    [Theory]
    [InlineData("category.svaed", "no rule names \"category.svaed\"")]
    [InlineData("order/7\\r\\nFORGED", "no rule names \"order/7…\"")]
    [InlineData("login?token=SECRET", "no rule names \"login…\"")]
    [InlineData("category.saved", "the data of \"category.saved\" does not fill category:{id}")]
    public async Task EventThatIsIgnored_IsNamed(string name, string why)
    {
        var log = new KeptLog();
        await using var env = await GatewayEnvironment.StartAsync(new EnvironmentOptions
        {
            Policies = """{ "policies": { "x": { "match": { "path": "/c/{id}" }, "tags": ["category:{id}"] } }, "events": { "category.saved": ["category:{id}"] } }""",
            Configure = builder => builder.Logging.AddProvider(log),
        });
        await using var client = await ListenAsync(env);

        using var answer = await env.PostAdminAsync("/api/v2/cache/events", $$"""{"event":"{{name}}"}""");

        Assert.Equal(why, (await EventAsync(client, "event-ignored")).Text("why"));
        Assert.Contains($"An event was ignored: {why}", log.Lines);
        Assert.Contains(why, await UntilFedAsync(env, "event ignored"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task EventWithAnEndlessName_IsNamedInPart()
    {
        await using var env = await GatewayEnvironment.StartAsync();
        await using var client = await ListenAsync(env);

        using var answer = await env.PostAdminAsync("/api/v2/cache/events", $$"""{"event":"{{new string('a', 200)}}"}""");

        Assert.Equal($"no rule names \"{new string('a', 64)}…\"", (await EventAsync(client, "event-ignored")).Text("why"));
    }

    /// <summary>The page of the feed, with its entities read, once it has the text.</summary>
    private static async Task<string> UntilFedAsync(GatewayEnvironment env, string text)
    {
        var page = "";
        await Deadline.Until(
            async () =>
            {
                using var answer = await env.AdminAsync("/feed");
                page = System.Net.WebUtility.HtmlDecode(await answer.Content.ReadAsStringAsync());
                return page.Contains(text, StringComparison.Ordinal);
            },
            $"\"{text}\" in the feed");
        return page;
    }

    private static async Task<RawClient> ListenAsync(GatewayEnvironment env)
    {
        var client = await RawClient.ConnectAsync(env.Addresses[^1]);
        await client.SendAsync("GET", "/api/v2/cache/events", []);
        var (_, headers) = await client.ReadHeadAsync();
        Assert.Contains(headers, line => line.StartsWith("Content-Type: text/event-stream", StringComparison.Ordinal));
        return client;
    }

    /// <summary>The data of the next event of a kind.</summary>
    private static async Task<System.Text.Json.JsonElement> EventAsync(RawClient client, string kind)
    {
        while (true)
        {
            var line = await Deadline.Within(client.Reader.ReadLineAsync(), $"an event of {kind}") ?? throw new EndOfStreamException();
            if (line.StartsWith("data: ", StringComparison.Ordinal)
                && System.Text.Json.JsonDocument.Parse(line["data: ".Length..]).RootElement is var happened && happened.Text("kind") == kind)
            {
                return happened.GetProperty("data");
            }
        }
    }
}
