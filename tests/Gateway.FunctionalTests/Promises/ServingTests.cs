using CacheGateway.FunctionalTests.Policies;
using CacheGateway.Model;

namespace CacheGateway.FunctionalTests.Promises;

/// <summary>What one stored response can answer: GET, HEAD, conditions, ranges, variants; and what is said about it.</summary>
public sealed class ServingTests
{
    /// <summary>Servers that compress without saying that they choose (nginx without gzip_vary) are common.</summary>
    [Theory]
    [Attack("A24", "Codings that a client refuses")]
    [InlineData(CacheProfile.Safe, "identity")]
    [InlineData(CacheProfile.Rfc9111, "coded")]
    public async Task CodedAnswerWithoutVary_GoesToWhoAcceptsIt(CacheProfile profile, string toOthers)
    {
        await using var env = await GatewayEnvironment.StartAsync(new EnvironmentOptions { Profile = profile });
        env.Origin.Get("/x", request => request.Header("Accept-Encoding")?.Contains("br", StringComparison.Ordinal) == true
            ? Reply.Ok("coded", Numbered.Fresh, "Content-Encoding: br") : Reply.Ok("identity", Numbered.Fresh));

        await env.GetAsync("/x", "Accept-Encoding: br");

        CacheAssert.Hit(await env.GetAsync("/x", "Accept-Encoding: br"));
        Assert.Equal(toOthers, (await env.GetAsync("/x")).Text);
    }

    /// <summary>It is the only validator there is: without it a cache behind this one could not tell what was confirmed.</summary>
    [Theory]
    [Covers("RFC 9110 15.4.5", "Last-Modified in a 304 where there is no entity tag")]
    [InlineData("", true)]
    [InlineData("ETag: \"1\"", false)]
    public async Task NotModified_CarriesLastModified_WhereThereIsNoETag(string etag, bool carries)
    {
        const string Modified = "Tue, 04 Mar 2031 10:00:00 GMT";
        await using var env = await GatewayEnvironment.StartAsync();
        env.Origin.Get("/x", Reply.Ok("x", [Numbered.Fresh, $"Last-Modified: {Modified}", .. etag.Length > 0 ? (string[])[etag] : []]));
        await env.GetAsync("/x");

        var answer = await env.GetAsync("/x", etag.Length > 0 ? "If-None-Match: \"1\"" : $"If-Modified-Since: {Modified}");

        Assert.Equal((304, carries), (answer.Status, answer.Has("Last-Modified")));
    }

    /// <summary>A 304 that this gateway makes of a full answer is one to its client, with what was for that client alone.</summary>
    [Fact]
    public async Task NotModified_MadeOfAFullAnswer_KeepsWhatIsForItsClient()
    {
        await using var env = await GatewayEnvironment.StartAsync(PolicyText.Of("\"setCookie\": \"strip\""));
        env.Origin.Get("/x", Reply.Ok("x", "ETag: \"v1\"", "Set-Cookie: sid=1"));

        var first = await env.GetAsync("/x", "If-None-Match: \"v1\"");
        var second = await env.GetAsync("/x", "If-None-Match: \"v1\"");

        Assert.Equal((304, "sid=1"), (first.Status, first.Header("Set-Cookie")));
        Assert.Equal((304, false), (second.Status, second.Has("Set-Cookie")));
    }

    [Fact]
    [Covers("RFC 9111 5.2.1.1", "max-age=0 is older than no answer that began before it")]
    public async Task MaxAgeOfZero_SharesNoFetchThatBeganBefore()
    {
        await using var env = await GatewayEnvironment.StartAsync(new EnvironmentOptions { Profile = CacheProfile.Rfc9111 });
        env.Origin.GetNumbered("/x", "Cache-Control: max-age=5");
        await env.GetAsync("/x");
        env.Time.AdvanceSeconds(10);
        env.Origin.Hold("/x");
        var first = env.GetAsync("/x");
        await env.Origin.Reached("/x", 2);

        var others = Enumerable.Range(0, 5).Select(_ => env.GetAsync("/x", "Cache-Control: max-age=0")).ToArray();
        await env.UntilMetric("cachegateway_fill_waiting", count => count == 5);
        env.Origin.ReleaseAndHold("/x");
        await env.Origin.Reached("/x", 3);
        await env.UntilMetric("cachegateway_fill_waiting", count => count == 4);
        env.Origin.Release("/x");

        Assert.Equal("2", (await first).Text);
        Assert.All(await Task.WhenAll(others), answer => Assert.Equal("3", answer.Text));
        Assert.Equal(3, env.Origin.Requests("/x"));
    }

    private const string Body = "0123456789";

    [Fact]
    [Covers("RFC 9111 5.1", "Age tells the time since the origin made the response")]
    public async Task SecondGet_IsAHitWithAgeAndTheSameBytes()
    {
        await using var env = await GatewayEnvironment.StartAsync();
        env.Origin.Get("/x", Reply.Ok("same\0bytes", Numbered.Fresh, "X-Own: kept", "Content-Type: text/x"));

        var first = await env.GetAsync("/x");
        env.Time.AdvanceSeconds(7);
        var second = await env.GetAsync("/x");

        CacheAssert.Miss(first, Reason.Miss);
        CacheAssert.Stored(first);
        Assert.Equal("uri-miss", first.CacheStatus!.Forward);
        Assert.False(first.Has("Age"));
        CacheAssert.Hit(second, Reason.Fresh);
        Assert.Equal((7, 53), (second.Age, second.CacheStatus!.Ttl));
        Assert.Equal(first.Body, second.Body);
        Assert.Equal(("kept", "text/x"), (second.Header("X-Own"), second.Header("Content-Type")));
        Assert.Equal(first.Header("Date"), second.Header("Date"));
        Assert.Equal(1, env.Origin.Requests("/x"));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task WhoeverHasTheWholeAnswer_FindsItStored(bool refreshed)
    {
        const int Keys = 300;
        await using var env = await GatewayEnvironment.StartAsync();
        env.Origin.Get("/*", request => Reply.Conditional(request, "\"v1\"", "x", Numbered.Fresh));
        await using var first = await env.ConnectAsync();
        await using var second = await env.ConnectAsync();
        for (var i = 0; i < Keys; i++)
        {
            await first.GetAsync($"/{i}");
            if (refreshed)
            {
                env.Time.AdvanceSeconds(61);
                await first.GetAsync($"/{i}");
            }

            CacheAssert.Hit(await second.GetAsync($"/{i}"), Reason.Fresh);
        }

        Assert.Equal(refreshed ? 2 * Keys : Keys, env.Origin.Log.Count);
    }

    [Fact]
    public async Task CacheStatus_OfAForwardedRequest_TellsStatusAndLifetime()
    {
        await using var env = await GatewayEnvironment.StartAsync();
        env.Origin.Get("/x", Reply.Ok("x", Numbered.Fresh));

        var status = (await env.GetAsync("/x")).CacheStatus!;

        Assert.Equal("CacheGateway", status.Cache);
        Assert.Equal((200, 60), (status.ForwardStatus, status.Ttl));
    }

    [Fact]
    [Attack("A14", "HEAD stored for GET")]
    [Covers("RFC 9111 4", "a stored GET response answers HEAD")]
    public async Task Head_OfStoredGet_IsAnsweredFromTheCache()
    {
        await using var env = await GatewayEnvironment.StartAsync();
        env.Origin.Get("/x", Reply.Ok(Body, Numbered.Fresh));
        await env.GetAsync("/x");

        var head = await env.SendAsync("HEAD", "/x");

        CacheAssert.Hit(head);
        Assert.Equal((200, "10", 0), (head.Status, head.Header("Content-Length"), head.Body.Length));
        Assert.Equal(1, env.Origin.Requests("/x"));
    }

    [Fact]
    [Attack("A14", "HEAD stored for GET")]
    public async Task Head_BeforeGet_LeavesNoEmptyBodyBehind()
    {
        await using var env = await GatewayEnvironment.StartAsync();
        env.Origin.Get("/x", Reply.Ok(Body, Numbered.Fresh));

        var head = await env.SendAsync("HEAD", "/x");
        var get = await env.GetAsync("/x");

        Assert.Equal((200, 0), (head.Status, head.Body.Length));
        Assert.Equal(Body, get.Text);
    }

    [Theory]
    [Covers("RFC 9110 13.1.2", "If-None-Match with a weak comparison gives 304")]
    [InlineData("If-None-Match: \"v1\"", 304)]
    [InlineData("If-None-Match: W/\"v1\"", 304)]
    [InlineData("If-None-Match: \"other\", \"v1\"", 304)]
    [InlineData("If-None-Match: *", 304)]
    [InlineData("If-None-Match: \"other\"", 200)]
    [InlineData("If-Modified-Since: Tue, 04 Mar 2031 10:00:00 GMT", 304)]
    [InlineData("If-Modified-Since: Tue, 04 Mar 2031 11:00:00 GMT", 304)]
    [InlineData("If-Modified-Since: Tue, 04 Mar 2031 09:59:59 GMT", 200)]
    [InlineData("If-Modified-Since: yesterday", 200)]
    [InlineData("If-None-Match: \"other\"\r\nIf-Modified-Since: Tue, 04 Mar 2031 11:00:00 GMT", 200)]
    public async Task ClientsCondition_OnAStoredResponse_IsAnsweredHere(string condition, int expected)
    {
        await using var env = await GatewayEnvironment.StartAsync();
        env.Origin.Get("/x", Reply.Ok(Body, Numbered.Fresh, "ETag: \"v1\"", "Last-Modified: Tue, 04 Mar 2031 10:00:00 GMT", "Vary: Accept"));
        await env.GetAsync("/x");

        var response = await env.GetAsync("/x", condition.Split("\r\n"));

        Assert.Equal((expected, expected == 304 ? "" : Body), (response.Status, response.Text));
        Assert.Equal(("\"v1\"", "Accept", "max-age=60"), (response.Header("ETag"), response.Header("Vary"), response.Header("Cache-Control")));
        CacheAssert.Hit(response);
        Assert.Equal(1, env.Origin.Requests("/x"));
    }

    [Fact]
    public async Task ClientsCondition_OnAMiss_DoesNotReachTheOriginButIsAnswered()
    {
        await using var env = await GatewayEnvironment.StartAsync();
        env.Origin.Get("/x", request => Reply.Conditional(request, "\"v1\"", Body, Numbered.Fresh));

        var response = await env.GetAsync("/x", "If-None-Match: \"v1\"");

        Assert.Equal(304, response.Status);
        Assert.False(env.Origin.Last("/x").Has("If-None-Match"), "a condition of one client must not shape what all may get");
        Assert.Equal(Body, (await env.GetAsync("/x")).Text);
        Assert.Equal(1, env.Origin.Requests("/x"));
    }

    [Theory]
    [Covers("RFC 9110 14.2", "a range of a complete stored response is answered from it")]
    [InlineData("bytes=0-0", 206, "0", "bytes 0-0/10")]
    [InlineData("bytes=2-4", 206, "234", "bytes 2-4/10")]
    [InlineData("bytes=7-", 206, "789", "bytes 7-9/10")]
    [InlineData("bytes=-2", 206, "89", "bytes 8-9/10")]
    [InlineData("bytes=5-99", 206, "56789", "bytes 5-9/10")]
    [InlineData("bytes=-99", 206, Body, "bytes 0-9/10")]
    [InlineData("bytes=10-", 416, "", "bytes */10")]
    [InlineData("bytes=4-2", 200, Body, null)]
    [InlineData("lines=1-2", 200, Body, null)]
    public async Task Range_OfAStoredResponse_IsAnsweredHere(string range, int status, string body, string? contentRange)
    {
        await using var env = await GatewayEnvironment.StartAsync();
        env.Origin.Get("/x", Reply.Ok(Body, Numbered.Fresh, "ETag: \"v1\""));
        await env.GetAsync("/x");

        var response = await env.GetAsync("/x", $"Range: {range}");

        Assert.Equal((status, contentRange), (response.Status, response.Header("Content-Range")));
        if (status != 416)
        {
            Assert.Equal(body, response.Text);
        }

        Assert.Equal(1, env.Origin.Requests("/x"));
    }

    [Theory]
    [Covers("RFC 9110 13.1.5", "If-Range decides between part and whole")]
    [InlineData("\"v1\"", 206)]
    [InlineData("\"v2\"", 200)]
    [InlineData("W/\"v1\"", 200)]
    public async Task IfRange_OnAStoredResponse_ComparesStrongly(string validator, int status)
    {
        await using var env = await GatewayEnvironment.StartAsync();
        env.Origin.Get("/x", Reply.Ok(Body, Numbered.Fresh, "ETag: \"v1\""));
        await env.GetAsync("/x");

        var response = await env.GetAsync("/x", "Range: bytes=0-1", $"If-Range: {validator}");

        Assert.Equal((status, status == 206 ? "01" : Body), (response.Status, response.Text));
        Assert.Equal(1, env.Origin.Requests("/x"));
    }

    [Fact]
    [Covers("RFC 9111 4.1", "a response is reused only for requests whose nominated fields match")]
    public async Task TwoVariants_AreStoredAndServedSideBySide()
    {
        await using var env = await GatewayEnvironment.StartAsync();
        env.Origin.Get("/x", request => Reply.Ok(request.Header("X-Tongue") ?? "none", Numbered.Fresh, "Vary: X-Tongue"));

        foreach (var _ in Enumerable.Range(0, 2))
        {
            Assert.Equal("de", (await env.GetAsync("/x", "X-Tongue: de")).Text);
            Assert.Equal("fr", (await env.GetAsync("/x", "X-Tongue: fr")).Text);
            Assert.Equal("none", (await env.GetAsync("/x")).Text);
        }

        Assert.Equal(3, env.Origin.Requests("/x"));
    }

    [Theory]
    [Attack("A24", "Codings that a client refuses")]
    [InlineData("br", "")]
    [InlineData("br", "br;q=0")]
    [InlineData("br", "identity")]
    [InlineData("gzip", "br")]
    public async Task EncodedBody_IsNotServedToAClientThatRefusesIt(string stored, string accepted)
    {
        await using var env = await GatewayEnvironment.StartAsync();
        env.Origin.Get("/x", request => (request.Header("Accept-Encoding") ?? "") == stored
            ? Reply.Ok("squeezed", Numbered.Fresh, "Vary: Accept-Encoding", $"Content-Encoding: {stored}")
            : Reply.Ok("plain", Numbered.Fresh, "Vary: Accept-Encoding"));
        await env.GetAsync("/x", $"Accept-Encoding: {stored}");

        var other = await (accepted.Length == 0 ? env.GetAsync("/x") : env.GetAsync("/x", $"Accept-Encoding: {accepted}"));

        Assert.Equal("plain", other.Text);
        Assert.False(other.Has("Content-Encoding"));
    }

    [Fact]
    public async Task WallClock_SteppedEitherWay_NeitherExpiresNorExtends()
    {
        await using var env = await GatewayEnvironment.StartAsync();
        env.Origin.GetNumbered("/x", Numbered.Fresh);
        await env.GetAsync("/x");

        env.Time.StepWallClock(TimeSpan.FromHours(1));
        Assert.Equal(0, (await env.GetAsync("/x")).Age);
        env.Time.StepWallClock(TimeSpan.FromHours(-3));
        Assert.Equal(0, (await env.GetAsync("/x")).Age);
        env.Time.AdvanceSeconds(61);

        Assert.Equal("2", (await env.GetAsync("/x")).Text);
    }

    [Fact]
    public async Task TagFields_OfTheOrigin_AreNotSentToClients()
    {
        await using var env = await GatewayEnvironment.StartAsync();
        env.Origin.Get("/x", Reply.Ok("x", Numbered.Fresh, "Cache-Tag: a, b", "Surrogate-Key: c d"));

        foreach (var response in (RawResponse[])[await env.GetAsync("/x"), await env.GetAsync("/x")])
        {
            Assert.False(response.Has("Cache-Tag"));
            Assert.False(response.Has("Surrogate-Key"));
        }
    }

    [Fact]
    [Covers("RFC 9110 5.5", "a field may have no value, and is kept")]
    public async Task EmptyFieldValue_IsKept()
    {
        await using var env = await GatewayEnvironment.StartAsync();
        env.Origin.Get("/x", Reply.Ok("x", Numbered.Fresh, "X-None:", "X-Twice:", "X-Twice: b", "ETag: \"a\""));

        Assert.Equal("", (await env.GetAsync("/x")).Header("X-None"));
        var hit = await env.GetAsync("/x");
        var unchanged = await env.GetAsync("/x", "If-None-Match: \"a\"");

        CacheAssert.Hit(hit);
        Assert.Equal(("", ", b"), (hit.Header("X-None"), hit.Header("X-Twice")));
        Assert.Equal((304, ""), (unchanged.Status, unchanged.Header("X-None")));
    }

    [Fact]
    public async Task DigestOfAStoredPart_GoesWithThatPartAlone()
    {
        await using var env = await GatewayEnvironment.StartAsync(new EnvironmentOptions { Profile = CacheProfile.Rfc9111 });
        env.Origin.Get("/x", Reply.Of(206, "2345", Numbered.Fresh, "ETag: \"a\"", "Content-Range: bytes 2-5/10", "Content-Digest: sha-256=:x:"));
        await env.GetAsync("/x", "Range: bytes=2-5");

        var same = await env.GetAsync("/x", "Range: bytes=2-5");
        var smaller = await env.GetAsync("/x", "Range: bytes=3-4");

        Assert.Equal((206, "2345", "sha-256=:x:"), (same.Status, same.Text, same.Header("Content-Digest")));
        Assert.Equal((206, "34", null), (smaller.Status, smaller.Text, smaller.Header("Content-Digest")));
        Assert.Equal(1, env.Origin.Requests("/x"));
    }

    [Theory]
    [InlineData("safe", "", "de, fr", "fr, de", 2)]
    [InlineData("safe", "", "de, fr", "de", 2)]
    [InlineData("safe", "", "de, fr;q=0.5", "fr;q=0.5, de", 2)]
    [InlineData("safe", "", "de-DE", "de-de", 2)]
    [InlineData("safe", "", "de,  fr;q=0.5", "de,fr;q=0.5", 1)]
    [InlineData("safe", ", \"vary\": { \"Accept-Language\": \"normalise\" }", "DE,  fr;q=0.50", "fr;q=0.5, de", 1)]
    [InlineData("safe", ", \"vary\": { \"Accept-Language\": \"normalise\" }", "de, fr", "fr, de", 1)]
    [InlineData("rfc9111", "", "de, fr", "fr, de", 1)]
    [InlineData("rfc9111", "", "de, fr", "de", 1)]
    [InlineData("safe", ", \"vary\": { \"Accept-Language\": \"normalise\" }", "de, fr", "de", 1)]
    public async Task Languages_AreComparedInTheClientsWords_WhereTheProfileIsSafe(string profile, string vary, string first, string second, int requests)
    {
        await using var env = await GatewayEnvironment.StartAsync($$"""{ "policies": { "p": { "match": { "path": "/x" }, "ttl": "1m", "profile": "{{profile}}"{{vary}} } } }""");
        env.Origin.Get("/x", Reply.Ok("x", "Vary: Accept-Language", "Content-Language: de"));
        await env.GetAsync("/x", $"Accept-Language: {first}");

        await env.GetAsync("/x", $"Accept-Language: {second}");

        Assert.Equal(requests, env.Origin.Requests("/x"));
    }
}
