using CacheGateway.Dashboard;
using CacheGateway.Dashboard.Reading;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace CacheGateway.FunctionalTests.Admin;

/// <summary>Pages of the dashboard as the server sends them, when something is unusual.</summary>
public sealed class PageTests
{
    private const string Policies = """{ "policies": { "mine": { "match": { "path": "/x" }, "ttl": "12m" } } }""";

    [Fact]
    public async Task Policy_OfAFileWithAByteOrderMark_IsShown()
    {
        await using var env = await GatewayEnvironment.StartAsync("\uFEFF" + Policies);

        using var page = await env.AdminAsync("/policies/mine");

        Assert.Equal(200, (int)page.StatusCode);
        Assert.Contains("12m", await page.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    /// <summary>A window that is open must not stay as it is because one drawing failed.</summary>
    [Fact]
    public async Task Stream_WhosePageCannotBeDrawn_SaysSoAndGoesOn()
    {
        var isBroken = true;
        await using var env = await GatewayEnvironment.StartAsync(new EnvironmentOptions
        {
            Configure = builder => builder.Services.AddSingleton(services =>
                Volatile.Read(ref isBroken) ? throw new InvalidOperationException("broken on purpose") : ActivatorUtilities.CreateInstance<NodeReader>(services)),
        });
        using var client = new HttpClient { BaseAddress = env.Addresses[^1] };
        using var stream = new StreamReader(await client.GetStreamAsync("/live/nodes"));

        Assert.Equal(("failed", ""), await EventAsync(stream));

        Volatile.Write(ref isBroken, false);
        env.Time.AdvanceSeconds(2);
        var (name, page) = await EventAsync(stream);
        Assert.Equal("page", name);
        Assert.Contains("id=\"nodes\"", page, StringComparison.Ordinal);
    }

    /// <summary>Drawing is work, and a team looks at the same page.</summary>
    [Fact]
    public async Task Streams_OfOneAddress_ShareWhatIsDrawn()
    {
        var drawn = 0;
        await using var env = await GatewayEnvironment.StartAsync(new EnvironmentOptions
        {
            Configure = builder => builder.Services.AddScoped(_ =>
            {
                // One for each drawing.
                Interlocked.Increment(ref drawn);
                return new PageRequest();
            }),
        });
        using var client = new HttpClient { BaseAddress = env.Addresses[^1] };
        var streams = new List<StreamReader>();
        foreach (var address in (string[])["/live/heatmap", "/live/heatmap", "/live/heatmap", "/live/heatmap?range=24h"])
        {
            streams.Add(new StreamReader(await client.GetStreamAsync(address)));
            Assert.Contains("Heat map", (await EventAsync(streams[^1])).Data, StringComparison.Ordinal);
        }

        Volatile.Write(ref drawn, 0);
        for (var round = 1; round <= 3; round++)
        {
            env.Time.AdvanceSeconds(2);
            foreach (var stream in streams)
            {
                await EventAsync(stream);
            }

            Assert.Equal(2 * round, Volatile.Read(ref drawn));
        }

        streams.ForEach(stream => stream.Dispose());
    }

    [Fact]
    public async Task Streams_AreForSoManyWindowsAndNoMore()
    {
        await using var env = await GatewayEnvironment.StartAsync();
        var clients = new List<RawClient>();
        for (var i = 0; i < 65; i++)
        {
            Assert.Equal(i < 64 ? 200 : 503, await OpenAsync());
        }

        // A window that is closed makes room.
        await clients[0].DisposeAsync();
        await Deadline.Until(async () => await OpenAsync() == 200, "room for another window");
        foreach (var client in clients)
        {
            await client.DisposeAsync();
        }

        async Task<int> OpenAsync()
        {
            var client = await RawClient.ConnectAsync(env.Addresses[^1]);
            clients.Add(client);
            await client.SendAsync("GET", "/live/nodes", []);
            var (status, _) = await client.ReadHeadAsync();
            return int.Parse(status.Split(' ')[1], System.Globalization.CultureInfo.InvariantCulture);
        }
    }

    /// <summary>A policy with several paths is one, and requests that none takes are none.</summary>
    [Fact]
    public async Task Policies_AreCountedByName_Everywhere()
    {
        var log = new KeptLog();
        await using var env = await GatewayEnvironment.StartAsync(new EnvironmentOptions
        {
            Policies = """{ "policies": { "both": { "match": { "path": ["/a", "/b"] } }, "one": { "match": { "path": "/c" } } } }""",
            Configure = builder => builder.Logging.AddProvider(log),
        });
        env.Origin.Get("/elsewhere", Reply.Ok("x"));
        await env.GetAsync("/elsewhere");
        await env.UntilRequestsAsync(1);

        using var page = await env.AdminAsync("/policies");

        Assert.Matches("<h2[^>]*>2\u00A0policies</h2>", System.Net.WebUtility.HtmlDecode(await page.Content.ReadAsStringAsync()));
        Assert.Equal(2, (await env.JsonAsync("health")).GetProperty("policies").Number("count"));
        Assert.Contains(log.Lines, line => line.StartsWith("Loaded 2 policies from ", StringComparison.Ordinal));
    }

    /// <summary>Whoever has just started it sees where to send requests, and that the node is well.</summary>
    [Fact]
    public async Task Overview_WithoutTraffic_NamesThePublicAddress_AndShowsTheNode()
    {
        await using var env = await GatewayEnvironment.StartAsync();

        using var page = await env.AdminAsync("/");
        var html = await page.Content.ReadAsStringAsync();

        Assert.Contains($"the public address, {env.Address.ToString().TrimEnd('/')}:", html, StringComparison.Ordinal);
        Assert.Contains(">This node</h2>", html, StringComparison.Ordinal);
        Assert.DoesNotContain(env.Addresses[^1].Authority, html, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("/tags?tag=t")]
    [InlineData("/purge?kind=tag&name=t")]
    public async Task Variants_OfOneUrl_AreCountedBehindIt(string path)
    {
        await using var env = await GatewayEnvironment.StartAsync("""{ "policies": { "mine": { "match": { "path": "/x" }, "ttl": "12m", "tags": ["t"] } } }""");
        env.Origin.Get("/x", Reply.Ok("x", "Vary: Accept-Language"));
        await env.GetAsync("/x", "Accept-Language: de");
        await env.GetAsync("/x", "Accept-Language: fr");

        using var page = await env.AdminAsync(path);

        Assert.Contains("/x</span><span class=\"soft small\"> 2 times</span>", await page.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Entries_BehindTheLastPage_AreThoseOfTheLast()
    {
        await using var env = await GatewayEnvironment.StartAsync(Policies);
        env.Origin.Get("/x", Reply.Ok("x"));
        await env.GetAsync("/x");

        using var page = await env.AdminAsync("/entries?page=9");
        var html = System.Net.WebUtility.HtmlDecode(await page.Content.ReadAsStringAsync());

        Assert.DoesNotContain("Nothing is stored yet", html, StringComparison.Ordinal);
        Assert.Contains("1 to 1 of 1", html, StringComparison.Ordinal);
        Assert.Equal(0, (await env.JsonAsync("entries?page=9")).GetProperty("entries").GetArrayLength());
    }

    /// <summary>The script changes what is in a live part: the region that a reader listens to must be the part itself, and stay.</summary>
    [Theory]
    [InlineData("/")]
    [InlineData("/feed")]
    public async Task Alerts_AreSaidByTheRegionThatStays(string path)
    {
        await using var env = await GatewayEnvironment.StartAsync();

        using var page = await env.AdminAsync(path);

        var region = Assert.Single(System.Text.RegularExpressions.Regex.Matches(await page.Content.ReadAsStringAsync(), "<div[^>]* role=\"status\"[^>]*>"));
        Assert.Matches(" id=\"alerts\".* data-live", region.Value);
    }

    /// <summary>What a square says to who points at it stands in a table for who does not.</summary>
    [Theory]
    [InlineData("/heatmap?range=5m", "<th scope=\"col\" class=\"n\">mine</th>", "<td class=\"n\">2</td>")]
    [InlineData("/heatmap?range=5m&show=ratio", "<th scope=\"col\" class=\"n\">mine</th>", "<td class=\"n\">50.0 %</td>")]
    public async Task HeatMap_IsATableToo(string path, string policy, string figure)
    {
        await using var env = await GatewayEnvironment.StartAsync(Policies);
        env.Origin.Get("/x", Reply.Ok("x"));
        await env.GetAsync("/x");
        await env.GetAsync("/x");
        await env.UntilRequestsAsync(2);
        await env.EndSlotAsync();

        using var page = await env.AdminAsync(path);
        var html = System.Net.WebUtility.HtmlDecode(await page.Content.ReadAsStringAsync()).Replace('\u00A0', ' ');

        var table = html[html.IndexOf("id=\"heat-data\"", StringComparison.Ordinal)..];
        Assert.Contains(policy, table, StringComparison.Ordinal);
        Assert.Contains(figure, table[..table.IndexOf("</details>", StringComparison.Ordinal)], StringComparison.Ordinal);
        Assert.Contains("id=\"keys-data\"", table, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("/purge", "id=\"soft\"", ">Preview</button>")]
    [InlineData("/explain", "id=\"status\"", ">Explain</button>")]
    public async Task Button_StandsBehindAllThatItSends(string path, string last, string button)
    {
        await using var env = await GatewayEnvironment.StartAsync();

        using var page = await env.AdminAsync(path);
        var html = await page.Content.ReadAsStringAsync();

        Assert.True(html.IndexOf(last, StringComparison.Ordinal) is > 0 and var option && html.IndexOf(button, StringComparison.Ordinal) > option, html);
    }

    [Theory]
    [InlineData("/", true)]
    [InlineData("/nodes", false)]
    public async Task NodeFacts_LeadToTheNodes_ButNotFromThere(string path, bool leads)
    {
        await using var env = await GatewayEnvironment.StartAsync();

        using var page = await env.AdminAsync(path);

        Assert.Equal(leads, (await page.Content.ReadAsStringAsync()).Contains("<a href=\"/nodes\">Nodes</a>", StringComparison.Ordinal));
    }

    /// <summary>What the origin was asked for adds up.</summary>
    [Fact]
    public async Task Policy_WhoseAnswersWereWarmed_SaysWhyTheOriginWasAsked()
    {
        await using var env = await GatewayEnvironment.StartAsync(Policies);
        env.Origin.Get("/x", Reply.Ok("x"));
        await env.PostJsonAsync("warm-cache", new { urls = (string[])["/x"] });

        await Deadline.Until(
            async () =>
            {
                using var page = await env.AdminAsync("/policies/mine");
                return (await page.Content.ReadAsStringAsync()).Contains("0 misses, 0 past the cache, 1 that no client got: warmed, refreshed, sent once more, or asked for by one that had left", StringComparison.Ordinal);
            },
            "the warm-up is counted");
    }

    /// <summary>The next event as a browser takes it: one without data is none.</summary>
    private static async Task<(string Name, string Data)> EventAsync(StreamReader stream)
    {
        var name = "";
        var lines = new List<string>();
        while (true)
        {
            var line = await Deadline.Within(stream.ReadLineAsync(), "an event") ?? throw new EndOfStreamException();
            if (line.StartsWith("event: ", StringComparison.Ordinal))
            {
                name = line["event: ".Length..];
            }
            else if (line.StartsWith("data: ", StringComparison.Ordinal))
            {
                lines.Add(line["data: ".Length..]);
            }
            else if (lines.Count > 0 && line.Length == 0)
            {
                return (name, string.Join('\n', lines));
            }
        }
    }
}
