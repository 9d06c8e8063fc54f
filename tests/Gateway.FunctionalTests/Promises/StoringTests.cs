using CacheGateway.Model;

namespace CacheGateway.FunctionalTests.Promises;

/// <summary>What is never stored by the default profile, each with its reason.</summary>
public sealed class StoringTests
{
    [Theory]
    [Covers("RFC 9111 5.2.2.5", "no-store forbids storing")]
    [Covers("RFC 9111 5.2.2.7", "private forbids a shared cache to store")]
    [InlineData("Cache-Control: max-age=60, no-store", Reason.ResponseNoStore)]
    [InlineData("Cache-Control: max-age=60, private", Reason.ResponsePrivate)]
    [InlineData("Cache-Control: max-age=60\r\nSet-Cookie: sid=1", Reason.ResponseSetCookie)]
    [InlineData("Cache-Control: public, s-maxage=60\r\nSet-Cookie: sid=1", Reason.ResponseSetCookie)]
    [InlineData("Cache-Control: max-age=60\r\nVary: *", Reason.ResponseVaryStar)]
    [InlineData("Cache-Control: max-age=60\r\nVary: Accept, *", Reason.ResponseVaryStar)]
    [InlineData("Content-Type: text/plain", Reason.ResponseNoFreshness)]
    public async Task Response_NotToBeStored_IsFetchedAgain(string headers, Reason reason)
    {
        await using var env = await GatewayEnvironment.StartAsync();
        env.Origin.GetNumbered("/x", headers.Split("\r\n"));

        var first = await env.GetAsync("/x");
        var second = await env.GetAsync("/x");

        Assert.Equal(("1", "2"), (first.Text, second.Text));
        CacheAssert.NotStored(first, reason);
        Assert.Equal(2, env.Origin.Requests("/x"));
    }

    [Theory]
    [InlineData(400)]
    [InlineData(401)]
    [InlineData(403)]
    [InlineData(406)]
    [InlineData(429)]
    [InlineData(431)]
    [InlineData(500)]
    [InlineData(503)]
    public async Task ErrorStatus_EvenWithLifetime_IsNotStored(int status)
    {
        await using var env = await GatewayEnvironment.StartAsync();
        env.Origin.Get("/x", Reply.Of(status, "error", Numbered.Fresh), Reply.Ok("good", Numbered.Fresh));

        Assert.Equal(status, (await env.GetAsync("/x")).Status);
        Assert.Equal("good", (await env.GetAsync("/x")).Text);
    }

    [Theory]
    [InlineData(404)]
    [InlineData(410)]
    public async Task MissingResource_WithLifetime_IsStored(int status)
    {
        await using var env = await GatewayEnvironment.StartAsync();
        env.Origin.Get("/x", Reply.Of(status, "gone", Numbered.Fresh));

        await env.GetAsync("/x");
        CacheAssert.Hit(await env.GetAsync("/x"));

        Assert.Equal(1, env.Origin.Requests("/x"));
    }

    [Fact]
    public async Task SetCookie_OfOneClient_IsNotSentToAnother()
    {
        await using var env = await GatewayEnvironment.StartAsync();
        env.Origin.Get("/login", request => Reply.Ok("x", Numbered.Fresh, $"Set-Cookie: sid={request.PathNumber}"));

        Assert.Equal("sid=1", (await env.GetAsync("/login")).Header("Set-Cookie"));
        Assert.Equal("sid=2", (await env.GetAsync("/login")).Header("Set-Cookie"));
    }

    [Fact]
    public async Task GetWithContent_PassesAndIsNotStored()
    {
        await using var env = await GatewayEnvironment.StartAsync();
        env.Origin.Get("/report", request => Reply.Ok($"{request.PathNumber}:{request.BodyText}", Numbered.Fresh));

        var fat = await env.SendAsync("GET", "/report", "u=attack");
        var plain = await env.GetAsync("/report");
        var fatAgain = await env.SendAsync("GET", "/report", "u=attack");

        CacheAssert.Miss(fat, Reason.RequestHasContent);
        CacheAssert.NotStored(fat);
        Assert.Equal(("1:u=attack", "2:", "3:u=attack"), (fat.Text, plain.Text, fatAgain.Text));
    }

    [Fact]
    [Attack("A12", "GET with a body")]
    [Attack("D14", "Bodies where none are expected")]
    public async Task GetWithContent_OnAHit_LeavesTheConnectionInOrder()
    {
        await using var env = await GatewayEnvironment.StartAsync();
        env.Origin.Get("/hit", Reply.Ok("hit", Numbered.Fresh));
        await env.GetAsync("/hit");
        await using var client = await env.ConnectAsync();
        const string Smuggled = "GET /smuggled HTTP/1.1\r\nFoo: x\r\n\r\n";

        await client.SendAsync("GET", "/hit", [], Smuggled);
        await client.ReadAsync();

        Assert.Equal(0, env.Origin.Requests("/smuggled"));
    }

    [Theory]
    [Attack("A29", "Parts that become the whole")]
    [InlineData("Range: bytes=0-0")]
    [InlineData("Range: bytes=cow")]
    [InlineData("Range: bytes=9-4")]
    public async Task RangeOfOneClient_DoesNotBecomeTheWholeOfAnother(string range)
    {
        await using var env = await GatewayEnvironment.StartAsync();
        env.Origin.Get("/big", request => request.Header("Range") == "bytes=0-0"
            ? Reply.Of(206, "0", Numbered.Fresh, "Content-Range: bytes 0-0/10", "ETag: \"a\"")
            : Reply.Ok("0123456789", Numbered.Fresh, "ETag: \"a\""));

        await env.GetAsync("/big", range);

        var whole = await env.GetAsync("/big");
        Assert.Equal((200, "0123456789"), (whole.Status, whole.Text));
    }

    [Fact]
    public async Task PartialResponse_ToARequestWithoutRange_IsNotStoredAsWhole()
    {
        await using var env = await GatewayEnvironment.StartAsync();
        env.Origin.Get("/big", Reply.Of(206, "0", Numbered.Fresh, "Content-Range: bytes 0-0/10"), Reply.Ok("0123456789", Numbered.Fresh));

        await env.GetAsync("/big");

        Assert.Equal("0123456789", (await env.GetAsync("/big")).Text);
    }

    [Fact]
    [Attack("A30", "Interim fields in the stored answer")]
    public async Task InterimResponse_IsNotMergedIntoTheStoredOne()
    {
        await using var env = await GatewayEnvironment.StartAsync();
        env.Origin.Get("/x", Reply.Ok("x", Numbered.Fresh) with { Before = "HTTP/1.1 103 Early Hints\r\nLink: </evil.css>; rel=preload\r\n\r\n" });

        await env.GetAsync("/x");
        var hit = await env.GetAsync("/x");

        CacheAssert.Hit(hit);
        Assert.False(hit.Has("Link"));
    }

    [Fact]
    public async Task ResponseTrailers_ChangeNothingAboutStoring()
    {
        await using var env = await GatewayEnvironment.StartAsync();
        env.Origin.Get("/x", Reply.Chunked(["x"], "Cache-Control: no-store") with { Trailers = ["Cache-Control: max-age=60", "Set-Cookie: sid=1"] });

        await env.GetAsync("/x");
        var second = await env.GetAsync("/x");

        Assert.False(second.Has("Set-Cookie"));
        Assert.Equal(2, env.Origin.Requests("/x"));
    }

    [Theory]
    [Covers("RFC 9211 2.4", "ttl is what is left of the lifetime")]
    [InlineData("Cache-Control: max-age=100", null, 100)]
    [InlineData("Cache-Control: max-age=100", "Age: 40", 60)]
    [InlineData("Cache-Control: max-age=100, stale-while-revalidate=100", "Age: 130", -30)]
    public async Task Ttl_OfAMiss_IsWhatIsLeft(string control, string? age, int ttl)
    {
        await using var env = await GatewayEnvironment.StartAsync();
        env.Origin.Get("/x", Reply.Ok("x", age is null ? [control] : [control, age]));

        var answer = await env.GetAsync("/x");

        CacheAssert.Stored(answer);
        Assert.Equal(ttl, answer.CacheStatus!.Ttl);
    }

    [Fact]
    public async Task Ttl_OfAStoredPass_IsWhatIsLeft()
    {
        await using var env = await GatewayEnvironment.StartAsync();
        env.Origin.Get("/x", Reply.Ok("x", "Cache-Control: no-store"), Reply.Ok("x", "Cache-Control: public, max-age=100", "Age: 40"));
        await env.GetAsync("/x");

        var answer = await env.GetAsync("/x");

        CacheAssert.Stored(answer);
        Assert.Equal(60, answer.CacheStatus!.Ttl);
    }
}
