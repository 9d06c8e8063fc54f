using CacheGateway.FunctionalTests.Promises;

namespace CacheGateway.FunctionalTests.Policies;

/// <summary>Codings made here beside what an origin says of its own bytes: one is never joined to the other.</summary>
public sealed class CompressPolicyTests
{
    private static readonly string Text = new('x', 4000);

    /// <summary>A date is of the resource, and so of all its codings: bytes of two of them would be joined.</summary>
    [Theory]
    [Covers("RFC 9110 13.1.5", "a date in If-Range says nothing where there are codings of the same date")]
    [InlineData("identity")]
    [InlineData("br")]
    public async Task IfRangeWithADate_GivesTheWholeOfWhatIsStored(string coding)
    {
        await using var env = await GatewayEnvironment.StartAsync(PolicyText.Of("\"compress\": true"));
        var modified = $"{env.Time.GetUtcNow().AddHours(-1):R}";
        env.Origin.Get("/x", Reply.Ok(Text, "Content-Type: text/plain", $"Last-Modified: {modified}"));
        await env.GetAsync("/x");
        Assert.Equal("br", (await env.GetAsync("/x", "Accept-Encoding: br")).Header("Content-Encoding"));

        var resumed = await env.GetAsync("/x", $"Accept-Encoding: {coding}", "Range: bytes=3-", $"If-Range: {modified}");

        CacheAssert.Hit(resumed);
        Assert.Equal(200, resumed.Status);
    }

    /// <summary>Nobody knows of which coding the client has the beginning.</summary>
    [Theory]
    [InlineData("X: 1")]
    [InlineData("Accept: text/event-stream")]
    public async Task IfRangeWithADate_AsksForTheWhole_WhereTheRequestPasses(string header)
    {
        await using var env = await GatewayEnvironment.StartAsync(PolicyText.Of("\"compress\": true"));
        var modified = $"{env.Time.GetUtcNow().AddHours(-1):R}";
        env.Origin.Get("/x", request => request.Has("Range")
            ? Reply.Of(206, "xx", "Content-Range: bytes 3-4/4000", $"Last-Modified: {modified}")
            : Reply.Ok(Text, "Content-Type: text/plain", $"Last-Modified: {modified}"));

        var resumed = await env.GetAsync("/x", header, "Range: bytes=3-4", $"If-Range: {modified}");

        Assert.Equal((200, Text), (resumed.Status, resumed.Text));
        Assert.Equal((false, false), (env.Origin.Last("/x").Has("Range"), env.Origin.Last("/x").Has("If-Range")));
        Assert.Equal(206, (await env.GetAsync("/x", header, "Range: bytes=3-4", "If-Range: \"a\"", "Cache-Control: no-store")).Status);
    }

    [Fact]
    public async Task IfRangeWithADate_IsNotAnsweredFromAStoredPart()
    {
        await using var env = await GatewayEnvironment.StartAsync(PolicyText.Of("\"compress\": true, \"profile\": \"rfc9111\""));
        var modified = $"{env.Time.GetUtcNow().AddHours(-1):R}";
        env.Origin.Get("/x", request => request.Has("Range")
            ? Reply.Of(206, "xx", Numbered.Fresh, "Content-Range: bytes 3-4/4000", $"Last-Modified: {modified}")
            : Reply.Ok(Text, "Content-Type: text/plain", $"Last-Modified: {modified}"));
        await env.GetAsync("/x", "Range: bytes=3-4");
        CacheAssert.Hit(await env.GetAsync("/x", "Range: bytes=3-4"));

        Assert.Equal(200, (await env.GetAsync("/x", "Range: bytes=3-4", $"If-Range: {modified}")).Status);
    }

    /// <summary>What has no codings here has one sequence of bytes, and can be resumed by its date.</summary>
    [Fact]
    public async Task IfRangeWithADate_IsEnough_WhereNoCodingsAreMade()
    {
        await using var env = await GatewayEnvironment.StartAsync(PolicyText.Of("\"compress\": true"));
        var modified = $"{env.Time.GetUtcNow().AddHours(-1):R}";
        env.Origin.Get("/x", Reply.Ok(Text, "Content-Type: image/png", $"Last-Modified: {modified}"));
        await env.GetAsync("/x");

        Assert.Equal(206, (await env.GetAsync("/x", "Range: bytes=3-4", $"If-Range: {modified}")).Status);
    }

    /// <summary>A client that has the beginning of one of them has that date.</summary>
    [Fact]
    public async Task IfRangeWithADate_GivesTheWhole_WhereA304TookTheCodingsAway()
    {
        await using var env = await GatewayEnvironment.StartAsync(PolicyText.Of("\"compress\": true, \"ttl\": \"60s\""));
        var modified = $"{env.Time.GetUtcNow().AddHours(-1):R}";
        env.Origin.Get("/x", request => request.Has("If-Modified-Since")
            ? Reply.Of(304, "", "Cache-Control: no-transform", $"Last-Modified: {modified}")
            : Reply.Ok(Text, "Content-Type: text/plain", $"Last-Modified: {modified}"));
        await env.GetAsync("/x");
        Assert.Equal("br", (await env.GetAsync("/x", "Accept-Encoding: br")).Header("Content-Encoding"));
        env.Time.AdvanceSeconds(61);
        Assert.Null((await env.GetAsync("/x", "Accept-Encoding: br")).Header("Content-Encoding"));

        var resumed = await env.GetAsync("/x", "Accept-Encoding: br", "Range: bytes=3-", $"If-Range: {modified}");

        CacheAssert.Hit(resumed);
        Assert.Equal((200, Text), (resumed.Status, resumed.Text));
    }

    [Theory]
    [Covers("RFC 9111 5.2.2.6", "no-transform keeps the content as it is, in a targeted field too")]
    [InlineData("CDN-Cache-Control: max-age=60, no-transform")]
    [InlineData("CacheGateway-Cache-Control: no-transform, max-age=60")]
    public async Task NoTransformInATargetedField_KeepsTheContentAsItIs(string field)
    {
        await using var env = await GatewayEnvironment.StartAsync(PolicyText.Of("\"compress\": true"));
        env.Origin.Get("/x", Reply.Ok(Text, "Content-Type: text/plain", field));
        await env.GetAsync("/x");

        var hit = await env.GetAsync("/x", "Accept-Encoding: br");

        CacheAssert.Hit(hit);
        Assert.Equal((Text, false, false), (hit.Text, hit.Has("Content-Encoding"), hit.Has("Vary")));
    }
}
