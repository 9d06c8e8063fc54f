using CacheGateway.Model;

namespace CacheGateway.FunctionalTests.Policies;

/// <summary>How long a policy keeps what, and what it never overrides.</summary>
public sealed class FreshnessPolicyTests
{
    [Theory]
    [CoversPolicy("ttl", "origin")]
    [InlineData("fallback", "", 100)]
    [InlineData("fallback", "Cache-Control: max-age=10", 10)]
    [InlineData("fallback", "Cache-Control: max-age=1000", 1000)]
    [InlineData("respect", "", 0)]
    [InlineData("respect", "Cache-Control: max-age=10", 10)]
    [InlineData("respect", "Cache-Control: max-age=1000", 100)]
    [InlineData("override", "", 100)]
    [InlineData("override", "Cache-Control: max-age=10", 100)]
    [InlineData("override", "Cache-Control: max-age=1000", 100)]
    public async Task Ttl_AndOrigin_AreWeighedAsThePolicySays(string origin, string line, int lifetime)
    {
        await using var env = await StartAsync($"\"ttl\": \"100s\", \"origin\": \"{origin}\"", line.Length > 0 ? [line] : []);

        await env.GetAsync("/x");
        if (lifetime > 0)
        {
            env.Time.AdvanceSeconds(lifetime - 1);
            CacheAssert.Hit(await env.GetAsync("/x"));
            env.Time.AdvanceSeconds(1);
        }

        Assert.Equal("2", (await env.GetAsync("/x")).Text);
    }

    [Theory]
    [InlineData("Cache-Control: no-store")]
    [InlineData("Cache-Control: private")]
    [InlineData("Set-Cookie: a=b")]
    [InlineData("Vary: *")]
    [InlineData("Cache-Control: no-cache")]
    public async Task Override_OfTheLifetime_OverridesNothingElse(string line)
    {
        await using var env = await StartAsync("\"origin\": \"override\"", line);

        await env.GetAsync("/x");

        Assert.Equal("2", (await env.GetAsync("/x")).Text);
    }

    /// <summary>The end of a connection is the end of a body and of a server that died: which, nobody can tell.</summary>
    [Theory]
    [Fault("F-35", "A body that only the end of its connection ends is delivered, and stored where the policy says so")]
    [CoversPolicy("closeDelimited", "$.defaults.closeDelimited")]
    [InlineData("", "", 2)]
    [InlineData("", "\"closeDelimited\": true", 1)]
    [InlineData("\"closeDelimited\": true", "", 1)]
    [InlineData("\"closeDelimited\": true", "\"closeDelimited\": false", 2)]
    [InlineData("", "\"profile\": \"rfc9111\"", 1)]
    [InlineData("", "\"profile\": \"rfc9111\", \"closeDelimited\": false", 2)]
    public async Task BodyThatEndsWithItsConnection_IsStored_WhereThePolicySaysSo(string defaults, string member, int requests)
    {
        await using var env = await GatewayEnvironment.StartAsync(
            $$"""{ "defaults": { {{defaults}} }, "policies": { "all": { "match": { "path": "/{*rest}" }, "ttl": "1m"{{(member.Length > 0 ? ", " + member : "")}} } } }""");
        env.Origin.Get("/x", Reply.Ok("whole?") with { Framing = ReplyFraming.Close, Ending = ReplyEnding.Close });

        var (first, second) = (await env.GetAsync("/x"), await env.GetAsync("/x"));

        Assert.Equal(("whole?", true, "whole?", true), (first.Text, first.Complete, second.Text, second.Complete));
        Assert.Equal(requests, env.Origin.Requests("/x"));
        if (requests == 2)
        {
            CacheAssert.NotStored(first, Reason.ResponseAmbiguous);
        }
    }

    [Theory]
    [CoversPolicy("heuristics")]
    [InlineData("", "2")]
    [InlineData("\"heuristics\": true", "1")]
    public async Task Heuristics_AreOffWhereAPolicyMatches_UnlessItSaysSo(string member, string second)
    {
        await using var env = await GatewayEnvironment.StartAsync(
            $$"""{ "policies": { "all": { "match": { "path": "/{*rest}" }, "origin": "respect"{{(member.Length > 0 ? ", " + member : "")}} } } }""");
        env.Origin.Get("/x", request => Reply.Ok($"{request.PathNumber}", "Last-Modified: Tue, 04 Mar 2031 10:00:00 GMT"));

        await env.GetAsync("/x");

        Assert.Equal(second, (await env.GetAsync("/x")).Text);
    }

    [Fact]
    [CoversPolicy("statuses")]
    public async Task Statuses_ThatAPolicyNames_AreStoredForTheirTime()
    {
        await using var env = await GatewayEnvironment.StartAsync(PolicyText.Of("\"statuses\": { \"503\": \"5s\" }"));
        env.Origin.Get("/x", request => Reply.Of(503, $"{request.PathNumber}"));

        await env.GetAsync("/x");
        env.Time.AdvanceSeconds(4);
        CacheAssert.Hit(await env.GetAsync("/x"));
        env.Time.AdvanceSeconds(1);

        Assert.Equal("2", (await env.GetAsync("/x")).Text);
    }

    [Fact]
    public async Task Statuses_ThatNoPolicyNames_AreNotStored()
    {
        await using var env = await GatewayEnvironment.StartAsync(PolicyText.Of());
        env.Origin.Get("/x", request => Reply.Of(500, $"{request.PathNumber}"));

        await env.GetAsync("/x");

        Assert.Equal("2", (await env.GetAsync("/x")).Text);
    }

    [Fact]
    [CoversPolicy("staleWhileRevalidate")]
    public async Task StaleWhileRevalidate_OfThePolicy_HoldsWhereTheOriginNamesNone()
    {
        await using var env = await StartAsync("\"ttl\": \"60s\", \"staleWhileRevalidate\": \"30s\"");
        await env.GetAsync("/x");

        env.Time.AdvanceSeconds(89);

        CacheAssert.Hit(await env.GetAsync("/x"), Reason.StaleWhileRevalidate);
    }

    [Fact]
    [CoversPolicy("staleIfError")]
    public async Task StaleIfError_OfThePolicy_HoldsWhereTheOriginNamesNone()
    {
        await using var env = await StartAsync("\"ttl\": \"60s\", \"staleIfError\": \"30s\"");
        await env.GetAsync("/x");
        env.Origin.Get("/x", Reply.Of(503, "down"));

        env.Time.AdvanceSeconds(89);
        CacheAssert.Hit(await env.GetAsync("/x"), Reason.StaleIfError);
        env.Time.AdvanceSeconds(2);

        Assert.Equal(503, (await env.GetAsync("/x")).Status);
    }

    [Theory]
    [Attack("E09", "Lifetimes that end together")]
    [CoversPolicy("jitter", "$.defaults.jitter")]
    [InlineData("""{ "policies": { "all": { "ttl": "100s", "jitter": 0.5 } } }""")]
    [InlineData("""{ "defaults": { "jitter": 0.5 }, "policies": { "all": { "ttl": "100s" } } }""")]
    public async Task Jitter_SpreadsLifetimesWithinItsPart(string policies)
    {
        const int Keys = 40;
        await using var env = await GatewayEnvironment.StartAsync(policies);
        env.Origin.Get("/*", request => Reply.Ok($"{request.PathNumber}"));
        for (var i = 0; i < Keys; i++)
        {
            await env.GetAsync($"/{i}");
        }

        env.Time.AdvanceSeconds(49);
        Assert.Equal(Keys, await CountHitsAsync(env, Keys));
        env.Time.AdvanceSeconds(26);
        Assert.InRange(await CountHitsAsync(env, Keys), 1, Keys - 1);
    }

    [Fact]
    [Attack("E05", "Bodies without end")]
    [CoversPolicy("maxBody")]
    public async Task MaxBody_LargerOnes_PassWholeAndUnstored()
    {
        await using var env = await GatewayEnvironment.StartAsync(PolicyText.Of("\"maxBody\": \"10B\""));
        env.Origin.Get("/small", Reply.Ok("0123456789"));
        env.Origin.Get("/large", Reply.Ok("0123456789A"));
        env.Origin.Get("/endless", Reply.Chunked(["01234", "56789", "A"]));

        foreach (var path in (string[])["/small", "/large", "/endless"])
        {
            await env.GetAsync(path);
        }

        CacheAssert.Hit(await env.GetAsync("/small"));
        Assert.Equal("0123456789A", (await env.GetAsync("/large")).Text);
        Assert.Equal("0123456789A", (await env.GetAsync("/endless")).Text);
        Assert.Equal((1, 2, 2), (env.Origin.Requests("/small"), env.Origin.Requests("/large"), env.Origin.Requests("/endless")));
    }

    [Theory]
    [CoversPolicy("profile")]
    [InlineData("safe", 2)]
    [InlineData("rfc9111", 1)]
    public async Task Profile_OfThePolicy_DecidesAboutSetCookie(string profile, int requests)
    {
        await using var env = await StartAsync($"\"profile\": \"{profile}\"", "Set-Cookie: a=b");

        await env.GetAsync("/x");
        await env.GetAsync("/x");

        Assert.Equal(requests, env.Origin.Requests("/x"));
    }

    [Theory]
    [CoversPolicy("ignoreDirectives")]
    [InlineData("no-store, no-cache, max-age=0, must-revalidate", "\"no-store\", \"no-cache\"", 1)]
    [InlineData("no-store, no-cache, max-age=0, must-revalidate", "\"no-store\"", 2)]
    [InlineData("no-store, no-cache, max-age=0, must-revalidate", "\"no-cache\"", 2)]
    [InlineData("private, max-age=60", "\"private\"", 1)]
    [InlineData("private, max-age=60", "\"no-store\", \"no-cache\"", 2)]
    [InlineData("private=\"X-A\", max-age=60", "\"private\"", 1)]
    public async Task IgnoreDirectives_AreNotRead(string control, string ignored, int requests)
    {
        await using var env = await StartAsync($"\"origin\": \"override\", \"ttl\": \"1m\", \"ignoreDirectives\": [{ignored}]", $"Cache-Control: {control}", "X-A: a");

        await env.GetAsync("/x");
        var second = await env.GetAsync("/x");

        Assert.Equal(requests, env.Origin.Requests("/x"));
        Assert.Equal((control, requests == 1 && control.Contains('=', StringComparison.Ordinal) && control.Contains("X-A", StringComparison.Ordinal)), (second.Header("Cache-Control"), !second.Has("X-A")));
    }

    /// <summary>Who has credentials has entries of his own all the same, unless the policy shares in words.</summary>
    [Fact]
    [CoversPolicy("ignoreDirectives")]
    public async Task IgnoredPrivate_IsNotShared()
    {
        await using var env = await StartAsync("\"ttl\": \"1m\", \"ignoreDirectives\": [\"private\"]", "Cache-Control: private, max-age=60");

        foreach (var user in (string[])["a", "b", "a", "b"])
        {
            await env.GetAsync("/x", $"Authorization: Bearer {user}");
            await env.GetAsync("/x", $"Cookie: sid={user}");
        }

        Assert.Equal(4, env.Origin.Requests("/x"));
    }

    [Theory]
    [CoversPolicy("heuristics", "profile")]
    [InlineData("\"profile\": \"rfc9111\"", 1)]
    [InlineData("\"profile\": \"rfc9111\", \"heuristics\": false", 2)]
    [InlineData("\"profile\": \"safe\"", 2)]
    [InlineData("\"profile\": \"safe\", \"heuristics\": true", 1)]
    public async Task Heuristics_AreTheProfiles_UnlessThePolicySaysOtherwise(string members, int requests)
    {
        await using var env = await GatewayEnvironment.StartAsync($$"""{ "policies": { "all": { "match": { "path": "/x" }, {{members}} } } }""");
        env.Origin.Get("/x", _ => Reply.Ok("x", "Last-Modified: Mon, 01 Jan 2024 00:00:00 GMT"));

        await env.GetAsync("/x");
        CacheAssert.NotStored(await env.GetAsync("/nothing"));
        var second = await env.GetAsync("/x");

        Assert.Equal(requests, env.Origin.Requests("/x"));
        Assert.Equal(200, second.Status);
    }

    [Fact]
    [CoversPolicy("setCookie")]
    public async Task SetCookieStrip_StoresWithoutTheField()
    {
        await using var env = await StartAsync("\"setCookie\": \"strip\"", "Set-Cookie: a=b");

        await env.GetAsync("/x");
        var hit = await env.GetAsync("/x");

        CacheAssert.Hit(hit);
        Assert.False(hit.Has("Set-Cookie"));
    }

    private static async Task<GatewayEnvironment> StartAsync(string members, params string[] originLines)
    {
        var env = await GatewayEnvironment.StartAsync(PolicyText.Of(members));
        env.Origin.Get("/x", request => Reply.Ok($"{request.PathNumber}", originLines));
        return env;
    }

    private static async Task<int> CountHitsAsync(GatewayEnvironment env, int keys)
    {
        var hits = 0;
        for (var i = 0; i < keys; i++)
        {
            // A miss would store anew and blur what is counted, so the question is only-if-cached.
            var answer = await env.GetAsync($"/{i}", "Cache-Control: only-if-cached");
            hits += answer.Status == 200 ? 1 : 0;
        }

        return hits;
    }
}
