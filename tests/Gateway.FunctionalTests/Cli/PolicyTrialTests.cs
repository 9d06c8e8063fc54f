using System.Text.Json;
using CacheGateway.Cli.PolicyFiles;
using CacheGateway.FunctionalTests.Admin;
using CacheGateway.FunctionalTests.Policies;
using CacheGateway.Pipeline;
using CacheGateway.Policies;
using Microsoft.Extensions.DependencyInjection;

namespace CacheGateway.FunctionalTests.Cli;

/// <summary>What <c>policy explain</c> and <c>policy test</c> tell of a request and its answer is what a gateway with the same policies does, and what it explains itself.</summary>
public sealed class PolicyTrialTests
{
    /// <summary>Where the policy, the request's own fields or the length have a say beside what the origin's answer allows.</summary>
    [Theory]
    [InlineData("store", "\"compress\": true", "", "Vary: Accept-Encoding")]
    [InlineData("store", "\"tags\": [\"$.id -> p:{}\"]", "", "Vary: Accept-Encoding, Accept-Language")]
    [InlineData("store", "\"key\": { \"cookies\": [\"lang\"] }", "", "Vary: Cookie")]
    [InlineData("store", "\"dropRequestHeaders\": [\"X-A\"]", "X-A: 1", "Vary: X-A, X-B")]
    [InlineData("store", "\"forwardOnly\": true", "X-A: 1", "Vary: X-A")]
    [InlineData("store", "\"vary\": { \"X-A\": \"ignore\" }", "X-A: 1", "Vary: X-A, X-B")]
    [InlineData("store", "\"maxBody\": \"40B\"", "", "Vary: X-A")]
    [InlineData("response-too-large", "\"maxBody\": \"39B\"", "", "Vary: X-A")]
    [InlineData("request-upgrade", "\"ttl\": \"1m\"", "Connection: Upgrade|Upgrade: websocket", "X: 1")]
    [InlineData("store", "\"ttl\": \"1m\"", "Connection: Upgrade|Upgrade: h2c", "X: 1")]
    [InlineData("request-has-content", "\"ttl\": \"1m\"", "Transfer-Encoding: chunked", "X: 1")]
    public async Task Read_IsToldAsItIsTreated(string treated, string members, string asked, string answered)
    {
        await using var env = await GatewayEnvironment.StartAsync($$"""{ "policies": { "all": { {{(members.Contains("ttl", StringComparison.Ordinal) ? "" : "\"ttl\": \"1m\", ")}}{{members}} } } }""");

        Assert.Equal(treated, await SameAsync(env, asked.Split('|', StringSplitOptions.RemoveEmptyEntries), answered));
    }

    /// <summary>What is stored for a verified claim is served as long as the token is good, and never stale.</summary>
    [Theory]
    [InlineData(100)]
    [InlineData(10_000)]
    public async Task Claim_IsToldToEndWithItsToken(int seconds)
    {
        using var tokens = new SignedTokens();
        await using var env = await GatewayEnvironment.StartAsync(
            tokens.Policies.Replace("\"ttl\": \"1h\"", "\"ttl\": \"5m\", \"staleWhileRevalidate\": \"30s\", \"staleIfError\": \"10m\"", StringComparison.Ordinal));

        Assert.Equal("store", await SameAsync(env, [tokens.Line("HS256", "ann", env.Time.GetUtcNow().AddSeconds(seconds))], "X: 1"));
    }

    /// <summary>What a write clears beside its own URI: what its answer names, and where it writes to.</summary>
    [Theory]
    [InlineData("/b", "POST", 201, "X: 1", "Location: /b")]
    [InlineData("/b", "POST", 200, "X: 1", "Content-Location: /b")]
    [InlineData("/g", "POST", 200, "X: 1", "Cache-Group-Invalidation: \"g\"")]
    [InlineData("", "POST", 409, "X: 1", "Location: /b")]
    [InlineData("", "POST", 201, "X: 1", "Location: http://other.test/b")]
    [InlineData("/b", "MOVE", 201, "Destination: /b", "X: 1")]
    [InlineData("", "PUT", 201, "Destination: /b", "X: 1")]
    public async Task Write_IsToldAsItClears(string cleared, string method, int status, string asked, string answered)
    {
        await using var env = await GatewayEnvironment.StartAsync("""{ "policies": { "all": { "match": { "path": "/{name}" }, "ttl": "1h", "tags": ["n:{name}"], "invalidates": ["n:{name}"] } } }""");
        env.Origin.On(null, "*", request => request.Method != "GET" ? Reply.Of(status, "", answered) : Reply.Ok("x", request.Target == "/g" ? "Cache-Groups: \"g\"" : "X: 1"));
        string[] stored = ["/b", "/c", "/g"];
        foreach (var target in stored)
        {
            await env.GetAsync(target);
        }

        var told = Told(env, method, "/a", [asked], new TrialResponse(status, Fields([answered]), ""));
        var entries = (await env.JsonAsync("entries")).GetProperty("entries").EnumerateArray().ToDictionary(entry => new Uri(entry.Text("url")!).AbsolutePath);

        await env.SendAsync(method, "/a", "", asked);
        var after = new List<string>();
        foreach (var target in stored)
        {
            if (!(await env.GetAsync(target)).CacheStatus!.IsHit)
            {
                after.Add(target);
            }
        }

        Assert.Equal(cleared, string.Join(' ', after));
        Assert.Equal(after, stored.Where(target => told.ClearedUrls.Contains(entries[target].Text("url")) || Names(entries[target], "tags").Intersect(told.Clears).Any()));
    }

    /// <summary>What the gateway answers itself clears nothing, and nobody is told that it would.</summary>
    [Theory]
    [InlineData("method-refused", 405, "TRACE", 1)]
    [InlineData("method-refused", 405, "TRACK", 1)]
    [InlineData("method-refused", 405, "CONNECT", 1)]
    [InlineData("write-refused", 400, "POST", 257)]
    [InlineData("only-if-cached", 504, "POST", 257, "Cache-Control: only-if-cached")]
    [InlineData("method-unsafe", 200, "POST", 256)]
    public async Task Write_IsToldAsItIsRefused(string reason, int status, string method, int values, params string[] asked)
    {
        await using var env = await GatewayEnvironment.StartAsync("""{ "policies": { "all": { "match": { "path": "/{name}" }, "ttl": "1h", "tags": ["n:{name}"], "invalidates": ["n:{query.n}"] } } }""");
        env.Origin.On(null, "*", _ => Reply.Ok("x"));
        var target = "/a?" + string.Join('&', Enumerable.Range(0, values).Select(number => $"n={number}"));

        var told = Told(env, method, target, asked, new TrialResponse(200, Fields([]), ""));
        var explained = await env.PostJsonAsync("explain", new { url = Url(env, target), method, headers = Fields(asked) });

        var treated = await env.SendAsync(method, target, null, asked);
        Assert.Equal((status, reason, reason), (treated.Status, told.Reason, explained.Text("reason")));
        Assert.Equal((status != 200, status != 200), (explained.Text("outcome") == "fail", told.Clears.Count == 0));
        Assert.Equal(status == 200 ? 1 : 0, env.Origin.Log.Count);
    }

    /// <summary>Sends the request, and requires that it was told and explained as it was treated: by "store" or the reason why not, which is returned.</summary>
    private static async Task<string> SameAsync(GatewayEnvironment env, string[] asked, string answered)
    {
        const string Body = """{ "id": "123456789012345678901234567" }""";
        var body = Body.PadRight(40);
        env.Origin.Get("/x", Reply.Ok(body, answered, "Content-Type: application/json"));
        // As one writes it down: the length is in a field, and there is a body only where tags are read from it.
        var isRead = env.Services.GetRequiredService<IPolicySource>().Current.Policies.Any(TagExpansion.ReadsBody);
        var fields = Fields([answered, "Content-Type: application/json", "Content-Length: 40"]);
        var told = Told(env, "GET", "/x", asked, new TrialResponse(200, fields, isRead ? body : ""));
        var question = new { url = Url(env, "/x"), headers = Fields(asked), response = new { status = 200, headers = fields } };
        var explained = await env.PostJsonAsync("explain", question);

        await using var client = await env.ConnectAsync();
        await client.SendAsync("GET", "/x", asked);
        if (asked.Contains("Transfer-Encoding: chunked"))
        {
            await client.SendAsync("1\r\nx\r\n0\r\n\r\n");
        }

        var treated = (await client.ReadAsync("GET")).CacheStatus!;
        Assert.Equal(treated.IsStored ? "store" : treated.Detail, told.Reason ?? told.Decision);
        if (!treated.IsStored)
        {
            Assert.Equal(treated.Detail, explained.Text("reason"));
            return treated.Detail!;
        }

        var stored = (await env.PostJsonAsync("explain", question)).GetProperty("stored")[0];
        var freshness = stored.GetProperty("freshness");
        Assert.Equal(Names(stored.GetProperty("entry"), "vary"), told.Vary);
        Assert.Equal(
            (Seconds(freshness, "lifetime"), Seconds(freshness, "staleWhileRevalidate"), Seconds(freshness, "staleIfError")), (told.Ttl, told.StaleWhileRevalidate, told.StaleIfError));
        var judged = explained.GetProperty("response");
        Assert.Equal((true, Seconds(freshness, "lifetime")), (judged.GetProperty("stores").GetBoolean(), Seconds(judged, "lifetime")));
        return "store";
    }

    private static TrialOutcome Told(GatewayEnvironment env, string method, string target, string[] asked, TrialResponse response) =>
        new PolicyTrial(env.Services.GetRequiredService<IPolicySource>().Current, env.Time).Run(TrialRequest.TryParse(method, Url(env, target), Fields(asked), out _)!, response);

    private static string Url(GatewayEnvironment env, string target) => env.Address.GetLeftPart(UriPartial.Authority) + target;

    private static Dictionary<string, string> Fields(string[] lines) =>
        lines.Select(line => line.Split(": ", 2)).ToDictionary(parts => parts[0], parts => parts[1], StringComparer.OrdinalIgnoreCase);

    private static string[] Names(JsonElement entry, string member) => [.. entry.GetProperty(member).EnumerateArray().Select(name => name.GetString()!)];

    private static double? Seconds(JsonElement sum, string name) => sum.GetProperty(name + "Seconds").GetDouble();
}
