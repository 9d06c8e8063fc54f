using System.Text.Json;
using CacheGateway.FunctionalTests.Policies;

namespace CacheGateway.FunctionalTests.Admin;

/// <summary>The numbers of the admin API, against what the clients and the origin saw.</summary>
public sealed class TrafficTests
{
    private const string Fresh = "Cache-Control: max-age=60";

    [Fact]
    public async Task Metrics_CountEveryRequestOnce_ByLevelAndReason()
    {
        await using var env = await GatewayEnvironment.StartAsync();
        env.Origin.Get("/a", Reply.Ok("0123456789", Fresh, "ETag: \"1\""));
        env.Origin.On("POST", "/a", _ => Reply.Ok("done"));
        env.Origin.Get("/private", Reply.Ok("p", "Cache-Control: private"));

        var first = await env.GetAsync("/a");
        await env.GetAsync("/a");
        await env.GetAsync("/a", $"If-None-Match: {first.Header("ETag")}");
        await env.GetAsync("/private");
        await env.SendAsync("POST", "/a", "x");
        await env.GetAsync("/a");

        var total = await env.UntilTotalAsync(total => total.GetProperty("requests").GetInt64() == 6);
        Assert.Equal(2, total.GetProperty("hits").GetInt64());
        Assert.Equal(1, Level(total, "client"));
        Assert.Equal(1, Level(total, "memory"));
        Assert.Equal(4, Level(total, "origin"));
        Assert.Equal(env.Origin.Requests("*"), total.GetProperty("originRequests").GetInt64());
        Assert.Equal(2, total.GetProperty("originRequestsSaved").GetInt64());
        Assert.Equal(2.0 / 5, total.GetProperty("hitRatio").GetDouble(), 6);
        Assert.Equal(1, Reason(total, "response-private"));
        Assert.Equal(1, Reason(total, "miss"));
        Assert.Equal(1, Reason(total, "invalidated"));
        Assert.Equal(10, total.GetProperty("bytes").GetProperty("memory").GetInt64());
    }

    /// <summary>A HEAD is in the ratio whether it hits or not.</summary>
    [Fact]
    public async Task HitRatio_CountsAHead_AlikeWhenItMisses()
    {
        await using var env = await GatewayEnvironment.StartAsync();
        env.Origin.On(null, "/a", _ => Reply.Ok("a", Fresh));
        env.Origin.On(null, "/b", _ => Reply.Ok("b", Fresh));

        await env.GetAsync("/a");
        CacheAssert.Hit(await env.SendAsync("HEAD", "/a"));
        CacheAssert.Miss(await env.SendAsync("HEAD", "/b"));
        await env.SendAsync("OPTIONS", "/a");

        var total = await env.UntilTotalAsync(total => total.Number("requests") == 4);
        Assert.Equal(1.0 / 3, total.GetProperty("hitRatio").GetDouble(), 6);
        Assert.Equal((2, 1), (total.Number("misses"), total.Number("passed")));
    }

    [Fact]
    public async Task Window_HoldsWhatCameInIt_AndNothingOlder()
    {
        await using var env = await GatewayEnvironment.StartAsync();
        env.Origin.Get("/a", Reply.Ok("x", "Cache-Control: max-age=6000"));
        await env.GetAsync("/a");
        await env.UntilTotalAsync(total => total.GetProperty("requests").GetInt64() == 1);
        await env.EndSlotAsync();
        Assert.Equal(1, (await env.JsonAsync("metrics?window=30")).GetProperty("total").Number("requests"));
        await env.EndSlotsAsync(12);
        await env.GetAsync("/a");
        await env.UntilTotalAsync(total => total.GetProperty("requests").GetInt64() == 2);
        env.Time.AdvanceSeconds(5);

        var total = await env.UntilTotalAsync(total => total.GetProperty("hits").GetInt64() == 1, "?window=30");
        Assert.Equal(1, total.GetProperty("requests").GetInt64());
    }

    /// <summary>Of what passes too, the bytes that came are counted, not those that its length promised.</summary>
    [Theory]
    [InlineData("GET", "HTTP/1.1 304 Not Modified\r\nETag: \"1\"\r\nContent-Length: 1000\r\n\r\n", 0)]
    [InlineData("POST", "HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n0123456789", 10)]
    [InlineData("POST", "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n0123456789", 10)]
    public async Task BytesOfWhatPasses_AreThoseThatCame(string method, string reply, int bytes)
    {
        await using var env = await GatewayEnvironment.StartAsync("""{ "policies": {} }""");
        env.Origin.On(null, "/x", _ => Reply.Exactly(reply));
        await using var client = await env.ConnectAsync();
        await client.SendAsync($"{method} /x HTTP/1.1\r\nHost: gw.test\r\nIf-None-Match: \"1\"\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");

        var total = await env.UntilTotalAsync(total => total.Number("requests") == 1);

        Assert.Equal(bytes, total.GetProperty("bytes").Number("origin"));
    }

    /// <summary>A player that breaks off at every seek was not sent the rest of the film each time.</summary>
    [Fact]
    public async Task BytesOfAHit_AreThoseThatTheClientTook()
    {
        const int Length = 24 * 1024 * 1024;
        await using var env = await GatewayEnvironment.StartAsync(PolicyText.Of("\"maxBody\": \"64MB\""));
        env.Origin.Get("/film", Reply.Bytes(new byte[Length], Fresh));
        CacheAssert.Miss(await env.GetAsync("/film"));
        await using (var client = await env.ConnectAsync())
        {
            await client.SendAsync("GET", "/film", []);
            Assert.False((await client.Reader.ReadSomeAsync(1000)).IsEmpty);
        }

        var total = await env.UntilTotalAsync(total => total.Number("hits") == 1);

        Assert.InRange(total.GetProperty("bytes").Number("memory"), 1, Length / 2);
    }

    [Theory]
    [InlineData(60, 288, 300, 288)]
    [InlineData(900, 288, 900, 96)]
    [InlineData(7, 10, 10, 10)]
    public async Task HeatMap_CountsEachRequestInOneColumn(int step, int points, int column, int columns)
    {
        await using var env = await GatewayEnvironment.StartAsync();
        env.Origin.Get("/a", Reply.Ok("x", Fresh));
        for (var i = 0; i < 3; i++)
        {
            await env.GetAsync("/a");
        }

        await env.UntilRequestsAsync(3);
        env.Time.AdvanceSeconds(points * step > 1800 ? 2700 : 50);
        JsonElement heat = default;
        await Deadline.Until(async () => Sum(heat = await env.JsonAsync($"heatmap?step={step}&points={points}")) > 0, "the slots to close");

        Assert.Equal((column, columns, 3), ((int)heat.GetProperty("stepSeconds").GetDouble(), heat.GetProperty("policies")[0].GetProperty("cells").GetArrayLength(), (int)Sum(heat)));
    }

    [Fact]
    [Attack("F12", "Lists that give secrets away")]
    [Attack("C10", "Secrets in URLs")]
    public async Task Top_ShowsTheBusiestKeys_WithoutTheirSecrets()
    {
        await using var env = await GatewayEnvironment.StartAsync();
        env.Origin.Get("/hot", Reply.Ok("x", Fresh));
        env.Origin.Get("/cold", Reply.Ok("x", Fresh));
        for (var i = 0; i < 5; i++)
        {
            await env.GetAsync("/hot?note=SECRET");
        }

        await env.GetAsync("/cold");
        JsonElement text = default;
        await Deadline.Until(
            async () => (text = await env.JsonAsync("top")).GetProperty("byRequests").EnumerateArray().Sum(key => key.Number("weight")) == 6 && text.GetProperty("byMisses").GetArrayLength() == 2,
            "all that was asked for");

        Assert.DoesNotContain("SECRET", text.GetRawText());
        Assert.EndsWith("/hot?note=…", text.GetProperty("byRequests")[0].GetProperty("url").GetString());
        Assert.Equal(5, text.GetProperty("byRequests")[0].GetProperty("weight").GetInt64());
        Assert.Equal(2, text.GetProperty("byMisses").GetArrayLength());
    }

    /// <summary>What is in no ratio explains none: a policy of streams and a few misses is told of the misses.</summary>
    [Fact]
    public async Task Report_NamesCausesThatAreInTheRatio_AndSharesOfIt()
    {
        await using var env = await GatewayEnvironment.StartAsync();
        env.Origin.Get("/x", Reply.Ok("x", "Cache-Control: private"));
        for (var i = 0; i < 6; i++)
        {
            await env.GetAsync("/x", "Accept: text/event-stream");
        }

        await env.GetAsync("/x");
        await env.UntilRequestsAsync(7);
        await env.EndSlotAsync();

        var causes = (await env.JsonAsync("performance-report?period=60")).GetProperty("recommendations").EnumerateArray().Select(one => (one.Text("cause"), one.GetProperty("share").GetDouble()));
        Assert.Equal([("response-private", 1.0)], causes);
    }

    [Theory]
    [InlineData("no-store", "response-no-store")]
    [InlineData("private", "response-private")]
    public async Task PassedBecauseOfTheAnswerBefore_IsCountedByWhatTheAnswerSays(string directive, string reason)
    {
        await using var env = await GatewayEnvironment.StartAsync();
        env.Origin.Get("/x", Reply.Ok("x", $"Cache-Control: {directive}"));
        for (var i = 0; i < 3; i++)
        {
            await env.GetAsync("/x");
        }

        var total = await env.UntilTotalAsync(total => total.GetProperty("requests").GetInt64() == 3);
        Assert.Equal(3, Reason(total, reason));
        Assert.Single(total.GetProperty("missReasons").EnumerateObject());
    }

    /// <summary>The share of a row is that of its squares: what no cache could answer is in neither.</summary>
    [Fact]
    public async Task HeatMap_OverallIsTheHitRatioOfTheRow()
    {
        await using var env = await GatewayEnvironment.StartAsync();
        env.Origin.Get("/x", Reply.Ok("x", Fresh));
        await env.GetAsync("/x", "Accept: text/event-stream");
        await env.GetAsync("/x", "Accept: text/event-stream");
        await env.GetAsync("/x");
        await env.GetAsync("/x");
        await env.UntilRequestsAsync(4);
        await env.EndSlotAsync();

        using var page = await env.AdminAsync("/heatmap?show=ratio");

        Assert.Contains("transparent: hit ratio 50.0\u00A0%", System.Net.WebUtility.HtmlDecode(await page.Content.ReadAsStringAsync()), StringComparison.Ordinal);
    }

    [Fact]
    [Attack("F12", "Lists that give secrets away")]
    public async Task Entries_AreFilteredPagedAndRedacted()
    {
        await using var env = await GatewayEnvironment.StartAsync();
        env.Origin.Get("/p/*", Reply.Ok("0123456789", Fresh, "Cache-Tag: pages"));
        env.Origin.Get("/q", Reply.Ok("x", Fresh));
        for (var i = 0; i < 5; i++)
        {
            await env.GetAsync($"/p/{i}?note=SECRET{i}");
        }

        await env.GetAsync("/q");
        await env.GetAsync("/q");
        await env.UntilHitsAsync("/q", 1);

        var page = await env.JsonAsync("entries?policy=&tag=pages&prefix=&page=2&size=2");
        Assert.Equal(5, page.GetProperty("total").GetInt32());
        Assert.Equal(["/p/2?note=…", "/p/3?note=…"], page.GetProperty("entries").EnumerateArray().Select(entry => new Uri(entry.GetProperty("url").GetString()!).PathAndQuery.Replace("%E2%80%A6", "…")));
        Assert.DoesNotContain("SECRET", page.GetRawText());
        var q = (await env.JsonAsync("entries?prefix=/q")).GetProperty("entries")[0];
        Assert.Equal(("fresh", 1), (q.GetProperty("state").GetString(), q.GetProperty("hits").GetInt32()));

        await env.InvalidateAsync("pages");
        var tag = await env.JsonAsync("tags/pages");
        Assert.Equal(5, tag.GetProperty("entries").GetInt32());
        Assert.All(tag.GetProperty("examples").EnumerateArray(), entry => Assert.Equal("dead", entry.GetProperty("state").GetString()));
    }

    private static long Sum(JsonElement heat) => heat.GetProperty("policies").EnumerateArray().SelectMany(row => row.GetProperty("cells").EnumerateArray()).Sum(cell => cell.GetProperty("requests").GetInt64());

    private static long Level(JsonElement total, string level) => total.GetProperty("levels").GetProperty(level).GetInt64();

    private static long Reason(JsonElement total, string reason) => total.GetProperty("missReasons").GetProperty(reason).GetInt64();
}
