using System.Net;
using System.Text.Json;

namespace CacheGateway.FunctionalTests.Admin;

/// <summary>The description of the admin API says what the API does.</summary>
public sealed class OpenApiTests
{
    [Fact]
    public async Task Document_IsThereForThoseWhoLookFirst()
    {
        await using var env = await GatewayEnvironment.StartAsync();
        using var client = new HttpClient { BaseAddress = env.Addresses[^1] };
        using var request = new HttpRequestMessage(HttpMethod.Head, "/api/v2/cache/openapi.json");

        using var answer = await client.SendAsync(request);

        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        Assert.Equal("application/json", answer.Content.Headers.ContentType?.MediaType);
        Assert.Empty(await answer.Content.ReadAsStringAsync());
    }

    [Fact]
    public async Task OpenApi_DescribesTheWholeApi_AndNothingOfThePublicSide()
    {
        await using var env = await GatewayEnvironment.StartAsync();

        var paths = (await env.JsonAsync("openapi.json")).GetProperty("paths").EnumerateObject().Select(path => path.Name).ToArray();

        Assert.Superset(
            new HashSet<string>(["health", "metrics", "performance-report", "entries", "tags/{tag}", "top", "heatmap", "explain", "invalidate", "benchmark/{policy}", "policies", "audit", "events", "alerts"])
                .Select(name => "/api/v2/cache/" + name).ToHashSet(),
            paths.ToHashSet());
        Assert.All(paths, path => Assert.True(path is "/healthz" or "/readyz" or "/metrics" || path.StartsWith("/api/v2/cache/", StringComparison.Ordinal), path));
    }

    [Theory]
    [InlineData("invalidate", "tags urls prefixes policies all soft match wait timeoutMs reason dryRun confirm")]
    [InlineData("events", "event id data")]
    [InlineData("explain", "url method headers response")]
    [InlineData("benchmark/{policy}", "url requests")]
    [InlineData("warm-cache", "urls policies popular headers concurrency ratePerSecond")]
    public async Task OpenApi_DescribesTheBodies(string path, string members)
    {
        await using var env = await GatewayEnvironment.StartAsync();

        var api = await env.JsonAsync("openapi.json");

        var post = api.GetProperty("paths").GetProperty("/api/v2/cache/" + path).GetProperty("post");
        Assert.Equal(members.Split(' ').Order(), Members(api, post.GetProperty("requestBody")).Order());
        Assert.Contains(post.GetProperty("responses").EnumerateObject(), answer => answer.Name[0] == '2' && Members(api, answer.Value).Length > 0);
        Assert.True(post.GetProperty("responses").TryGetProperty("400", out var refused) && refused.GetProperty("content").TryGetProperty("application/problem+json", out _));
    }

    [Theory]
    [InlineData("invalidate")]
    [InlineData("events")]
    public async Task OpenApi_DescribesTheReceipt_AndWhatItSaysWasRaised(string path)
    {
        await using var env = await GatewayEnvironment.StartAsync();

        var api = await env.JsonAsync("openapi.json");

        var answer = api.GetProperty("paths").GetProperty("/api/v2/cache/" + path).GetProperty("post").GetProperty("responses").GetProperty("200");
        Assert.Superset(new HashSet<string>(["id", "epoch", "scope", "durable", "applied", "missing"]), Members(api, answer).ToHashSet());
        var scope = api.GetProperty("components").GetProperty("schemas").GetProperty("RaisedScope").GetProperty("properties");
        Assert.Equal(["all", "match", "policies", "prefixes", "soft", "tags", "urls"], scope.EnumerateObject().Select(member => member.Name).Order());
    }

    /// <summary>What is answered in place of a receipt.</summary>
    [Theory]
    [InlineData("invalidate", """{"policies":["nobodys"],"dryRun":true}""")]
    [InlineData("events", """{"event":"emptied","data":{"items":[]}}""")]
    public async Task OpenApi_NamesTheMembersOfOtherAnswers(string path, string asked)
    {
        await using var env = await GatewayEnvironment.StartAsync("""
            { "policies": { "x": { "match": { "path": "/x" }, "ttl": "1m", "tags": ["x:1"] } }, "events": { "emptied": ["$.items[*] -> x:{}"] } }
            """);
        using var answer = await env.PostAdminAsync("/api/v2/cache/" + path, asked);
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);

        var api = await env.JsonAsync("openapi.json");

        var description = api.GetProperty("paths").GetProperty("/api/v2/cache/" + path).GetProperty("post").GetProperty("description").GetString();
        using var given = JsonDocument.Parse(await answer.Content.ReadAsStringAsync());
        Assert.All(given.RootElement.EnumerateObject(), member => Assert.Contains(member.Name, description, StringComparison.Ordinal));
    }

    /// <summary>What is refused whatever is asked for, and when it may be asked for again.</summary>
    [Fact]
    public async Task OpenApi_SaysWhatIsRefused()
    {
        await using var env = await GatewayEnvironment.StartAsync();

        var paths = (await env.JsonAsync("openapi.json")).GetProperty("paths");

        Assert.All(paths.EnumerateObject().Where(path => path.Value.TryGetProperty("post", out _)), path =>
        {
            var post = path.Value.GetProperty("post");
            Assert.True(IsProblem(post, "415"), path.Name);
            Assert.Equal(post.TryGetProperty("requestBody", out _), IsProblem(post, "413"));
        });
        Assert.Equal(
            ["entries", "events", "explain", "heatmap", "invalidate", "performance-report", "tags/{tag}", "top"],
            paths.EnumerateObject().Where(path => path.Value.EnumerateObject().Any(operation => IsProblem(operation.Value, "503") && operation.Value.GetProperty("responses").GetProperty("503").TryGetProperty("headers", out var headers) && headers.TryGetProperty("Retry-After", out _)))
                .Select(path => path.Name["/api/v2/cache/".Length..]).Order(StringComparer.Ordinal));
        Assert.True(IsProblem(paths.GetProperty("/api/v2/cache/audit").GetProperty("get"), "503"));

        static bool IsProblem(JsonElement operation, string status) =>
            operation.GetProperty("responses").TryGetProperty(status, out var refused) && refused.GetProperty("content").TryGetProperty("application/problem+json", out _);
    }

    [Fact]
    public async Task OpenApi_SaysWhatTheTokenDoes_WhereThereIsOne()
    {
        const string Token = "a-token-that-nobody-guesses";
        await using var open = await GatewayEnvironment.StartAsync();
        await using var guarded = await GatewayEnvironment.StartAsync(new EnvironmentOptions { Settings = settings => settings with { AdminToken = Token } });
        using var client = new HttpClient { BaseAddress = guarded.Addresses[^1], DefaultRequestHeaders = { Authorization = new("Bearer", Token) } };

        var without = await open.JsonAsync("openapi.json");
        var api = JsonDocument.Parse(await client.GetStringAsync("/api/v2/cache/openapi.json")).RootElement;

        Assert.Equal(("CacheGateway", "CacheGateway"), (without.GetProperty("info").Text("title"), api.GetProperty("info").Text("title")));
        Assert.False(without.GetProperty("paths").GetProperty("/metrics").GetProperty("get").TryGetProperty("security", out _));
        var scheme = api.GetProperty("components").GetProperty("securitySchemes").GetProperty("bearer");
        Assert.Equal(("http", "bearer"), (scheme.Text("type"), scheme.Text("scheme")));
        Assert.All(api.GetProperty("paths").EnumerateObject().SelectMany(path => path.Value.EnumerateObject().Select(operation => (path.Name, operation.Value))), operation =>
        {
            var isOpen = operation.Name is "/healthz" or "/readyz";
            Assert.Equal(!isOpen, operation.Value.TryGetProperty("security", out var needed) && needed[0].TryGetProperty("bearer", out _));
            Assert.Equal(!isOpen, operation.Value.GetProperty("responses").TryGetProperty("401", out _));
        });
        Assert.Equal(["200", "503"], api.GetProperty("paths").GetProperty("/readyz").GetProperty("get").GetProperty("responses").EnumerateObject().Select(answer => answer.Name));
        Assert.DoesNotContain(api.GetProperty("paths").EnumerateObject(), path => path.Value.TryGetProperty("head", out _));
    }

    private static string[] Members(JsonElement api, JsonElement described)
    {
        var schema = described.GetProperty("content").GetProperty("application/json").GetProperty("schema");
        var shape = schema.TryGetProperty("$ref", out var reference)
            ? api.GetProperty("components").GetProperty("schemas").GetProperty(reference.GetString()!.Split('/')[^1])
            : schema;
        return [.. shape.GetProperty("properties").EnumerateObject().Select(member => member.Name)];
    }
}
