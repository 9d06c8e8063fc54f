namespace CacheGateway.FunctionalTests.Policies;

/// <summary>Fields of writes on a policy's path, both ways.</summary>
public sealed class WriteFieldTests
{
    private static readonly string[] Tags = ["Cache-Tag: a", "Surrogate-Key: b", "Cache-Groups: \"c\"", "Cache-Group-Invalidation: \"d\""];

    [Theory]
    [CoversPolicy("forwardTags")]
    [InlineData("\"forwardTags\": false", false)]
    [InlineData("\"forwardTags\": true", true)]
    [InlineData(null, false)]
    public async Task Tags_OfTheAnswerToAWrite_AreForwardedWhereThePolicySaysSo(string? member, bool forwards)
    {
        await using var env = await GatewayEnvironment.StartAsync(new EnvironmentOptions { Policies = member is null ? null : PolicyText.Of(member) });
        env.Origin.On("POST", "/x", _ => Reply.Ok("x", Tags));

        var answer = await env.SendAsync("POST", "/x", "");

        Assert.All(Tags, line => Assert.Equal(forwards, answer.Has(line.Split(':')[0])));
    }

    [Theory]
    [CoversPolicy("dropRequestHeaders")]
    [InlineData("POST", false)]
    [InlineData("PUT", true)]
    public async Task DroppedFields_AreDroppedFromWritesThatThePolicyTakes(string method, bool arrives)
    {
        await using var env = await GatewayEnvironment.StartAsync(
            """{ "policies": { "p": { "match": { "path": "/x", "methods": ["GET", "POST"] }, "ttl": "1m", "dropRequestHeaders": ["X-Drop"] } } }""");
        env.Origin.On(method, "/x", _ => Reply.Ok("x"));

        await env.SendAsync(method, "/x", "", "X-Drop: 1");

        Assert.Equal(arrives, env.Origin.Last("/x").Has("X-Drop"));
    }

    [Theory]
    [CoversPolicy("tags")]
    [InlineData("204", "")]
    [InlineData("200", "")]
    [InlineData("200", "no JSON")]
    public async Task TagsThatCannotBeRead_AreToldAtOnce_AndNobodyWaitsTwice(string status, string body)
    {
        await using var env = await GatewayEnvironment.StartAsync("""{ "policies": { "p": { "match": { "path": "/x" }, "ttl": "1m", "tags": ["$.items[*].id -> i:{}"] } } }""");
        env.Origin.Get("/x", Reply.Of(int.Parse(status, System.Globalization.CultureInfo.InvariantCulture), body, "Content-Type: application/json"));

        var first = await env.GetAsync("/x");
        var second = await env.GetAsync("/x");

        Assert.Equal((body, "response-tags", false), (first.Text, first.CacheStatus!.Detail, first.CacheStatus.Parameters.ContainsKey("stored")));
        Assert.Equal("hit-for-miss", second.CacheStatus!.Detail);
        Assert.Equal(2, env.Origin.Requests("/x"));
    }
}
