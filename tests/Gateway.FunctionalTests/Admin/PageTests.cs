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

        var failed = await EventAsync(stream);
        Assert.Contains("The dashboard met an error", failed, StringComparison.Ordinal);
        Assert.DoesNotContain("broken on purpose", failed, StringComparison.Ordinal);

        Volatile.Write(ref isBroken, false);
        env.Time.AdvanceSeconds(2);
        Assert.DoesNotContain("The dashboard met an error", await EventAsync(stream), StringComparison.Ordinal);
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

    /// <summary>The page that the next event brings.</summary>
    private static async Task<string> EventAsync(StreamReader stream)
    {
        var lines = new List<string>();
        while (true)
        {
            var line = await Deadline.Within(stream.ReadLineAsync(), "a page") ?? throw new EndOfStreamException();
            if (line.StartsWith("data: ", StringComparison.Ordinal))
            {
                lines.Add(line);
            }
            else if (lines.Count > 0 && line.Length == 0)
            {
                return string.Join('\n', lines);
            }
        }
    }
}
