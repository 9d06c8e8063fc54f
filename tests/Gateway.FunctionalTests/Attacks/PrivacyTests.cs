using CacheGateway.FunctionalTests.Promises;
using CacheGateway.Http;

namespace CacheGateway.FunctionalTests.Attacks;

/// <summary>Group C: what belongs to one person is not stored for all, whatever the URL looks like.</summary>
public sealed class PrivacyTests
{
    public static TheoryData<string> FieldsThatSayWhoAsks { get; } = [.. CredentialFields.All];

    [Theory]
    [Attack("C01", "A private page under a static name")]
    [Attack("C02", "Delimiters that end a path for the origin alone")]
    [Attack("C03", "Path traversal into a cached folder")]
    [Attack("C04", "Well-known file names")]
    [InlineData("/account/x.css")]
    [InlineData("/account/x.js")]
    [InlineData("/account;x.css")]
    [InlineData("/account%3bx.css")]
    [InlineData("/account%0Ax.css")]
    [InlineData("/account%23x.css")]
    [InlineData("/account%3Fx.css")]
    [InlineData("/account%26name=x.css")]
    [InlineData("/account$x.css")]
    [InlineData("/account,x.css")]
    [InlineData("/account!x.css")]
    [InlineData("/account~x.css")]
    [InlineData("/account%2f%2e%2e%2frobots.txt")]
    [InlineData("/account/..%2ffavicon.ico")]
    [InlineData("/static/..%2faccount")]
    [InlineData("/static/%2e%2e/account")]
    [InlineData("/static/../account")]
    [InlineData("/static//account")]
    public async Task PrivatePage_UnderAStaticName_IsNotServedToOthers(string target)
    {
        await using var env = await GatewayEnvironment.StartAsync();
        foreach (var field in new[] { "Cache-Control: private, max-age=60", "Cache-Control: no-store", "X: nothing said", "Cache-Control: max-age=60\r\nSet-Cookie: s=2" })
        {
            env.Origin.On(null, "/*", request => Reply.Ok(request.Header("Cookie") ?? "anonymous", ["Content-Type: text/html", .. field.Split("\r\n")]));

            Assert.Equal("s=1", (await env.GetAsync($"{target}?{field.Length}", "Cookie: s=1")).Text);
            Assert.Equal("anonymous", (await env.GetAsync($"{target}?{field.Length}")).Text);
            Assert.Equal("s=3", (await env.GetAsync($"{target}?{field.Length}", "Cookie: s=3")).Text);
        }
    }

    [Theory]
    [Attack("C03", "Path traversal into a cached folder")]
    [Attack("C04", "Well-known file names")]
    [InlineData("/t/..%2faccount")]
    [InlineData("/t/%2e%2e/account")]
    [InlineData("/t/../account")]
    [InlineData("/t%2f..%2faccount")]
    [InlineData("/t\\..\\account")]
    [InlineData("/t%5c..%5caccount")]
    public async Task Traversal_DoesNotBringAPageUnderAnotherPagesPolicy(string target)
    {
        await using var env = await GatewayEnvironment.StartAsync("""{ "policies": { "t": { "match": { "path": "/t/{*rest}" }, "ttl": "60s", "origin": "override" } } }""");
        env.Origin.On(null, "/*", request => Reply.Ok(request.Header("Cookie") ?? "anonymous"));

        await env.GetAsync(target, "Cookie: s=1");

        Assert.Equal("anonymous", (await env.GetAsync(target)).Text);
        Assert.All(env.Origin.Log, request => Assert.Equal(target, request.Target));
    }

    [Theory]
    [Attack("C05", "An answer to Authorization served to others")]
    [InlineData("Cache-Control: max-age=60", 3)]
    [InlineData("Cache-Control: public, max-age=60", 1)]
    [InlineData("Cache-Control: s-maxage=60", 1)]
    [InlineData("Cache-Control: max-age=60, must-revalidate", 3)]
    [InlineData("Cache-Control: max-age=60\r\nVary: Authorization", 3)]
    public async Task AnswerToAuthorization_IsSharedOnlyWhereTheOriginSaysSo(string field, int requests)
    {
        await using var env = await GatewayEnvironment.StartAsync();
        env.Origin.Get("/me", request => Reply.Ok(request.Header("Authorization") ?? "none", field.Split("\r\n")));

        await env.GetAsync("/me", "Authorization: Bearer A");
        var bob = await env.GetAsync("/me", "Authorization: Bearer B");
        var nobody = await env.GetAsync("/me");

        Assert.Equal(requests, env.Origin.Requests("/me"));
        Assert.True(requests == 1 || (bob.Text, nobody.Text) == ("Bearer B", "none"));
    }

    [Theory]
    [Attack("C06", "A stored Set-Cookie")]
    [InlineData("Cache-Control: public, max-age=60")]
    [InlineData("Cache-Control: s-maxage=60, public")]
    [InlineData("Cache-Control: max-age=60, no-cache=\"Set-Cookie\"")]
    [InlineData("Cache-Control: max-age=60\r\nset-cookie: other=1")]
    [InlineData("Cache-Control: max-age=60\r\nSet-Cookie2: other=1")]
    public async Task SetCookie_OfOne_IsNotSentToAnother(string fields)
    {
        await using var env = await GatewayEnvironment.StartAsync();
        env.Origin.Get("/login", request => Reply.Ok("page", ["Set-Cookie: sid=" + request.PathNumber, .. fields.Split("\r\n")]));

        Assert.Contains("sid=1", (await env.GetAsync("/login")).Header("Set-Cookie"), StringComparison.Ordinal);
        Assert.DoesNotContain("sid=1", (await env.GetAsync("/login")).ToString(), StringComparison.Ordinal);
    }

    [Fact]
    [Attack("C08", "A personal answer shared with those who waited")]
    public async Task PersonalAnswers_AskedForAtOnce_AreEachTheirOwn()
    {
        await using var env = await GatewayEnvironment.StartAsync();
        env.Origin.Get("/login", request => Reply.Ok("page", $"Set-Cookie: sid={request.PathNumber}", "Cache-Control: no-store"));

        var answers = await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => env.GetAsync("/login", "Host: gw.test")));

        Assert.Equal(20, answers.Select(answer => answer.Header("Set-Cookie")).Distinct().Count());
        Assert.Equal(20, env.Origin.Requests("/login"));
    }

    [Theory]
    [Attack("C11", "Credentials in other places")]
    [InlineData("Cookie: a=1\r\nCookie: b=2")]
    [InlineData("cookie: s=1")]
    [InlineData("Authorization: Negotiate x")]
    [InlineData("authorization:")]
    [InlineData("Cookie:")]
    public async Task Credentials_InAnySpelling_AreCredentials(string lines)
    {
        await using var env = await GatewayEnvironment.StartAsync();
        env.Origin.GetNumbered("/me", Numbered.Fresh);

        Assert.Equal("1", (await env.GetAsync("/me", lines.Split("\r\n"))).Text);
        Assert.Equal("2", (await env.GetAsync("/me")).Text);
    }

    [Theory]
    [Attack("C11", "Credentials in other places")]
    [MemberData(nameof(FieldsThatSayWhoAsks))]
    public async Task FieldThatSaysWhoAsks_KeepsItsAnswerApart(string name)
    {
        await using var env = await GatewayEnvironment.StartAsync();
        foreach (var spelling in ((string[])[name, name.ToUpperInvariant(), name.Replace('-', '_')]).Distinct())
        {
            var target = $"/me/{spelling}";
            env.Origin.Get(target, request => Reply.Ok(request.Header(spelling) ?? "nobody", Numbered.Fresh));

            var alice = await env.GetAsync(target, $"{spelling}: alice");
            Assert.Equal("alice", alice.Text);
            CacheAssert.NotStored(alice);
            Assert.Equal("nobody", (await env.GetAsync(target)).Text);
            await CacheAssert.HitAsync(env, target);
            Assert.Equal("bob", (await env.GetAsync(target, $"{spelling}: bob")).Text);
        }
    }

    [Fact]
    [Attack("C12", "A 304 that gives a stored answer to another")]
    public async Task ConditionOfOne_DoesNotFetchTheAnswerOfAnother()
    {
        await using var env = await GatewayEnvironment.StartAsync();
        env.Origin.Get("/me", request => request.Has("If-None-Match") ? Reply.Of(304, "", "ETag: \"alice\"") : Reply.Ok(request.Header("Authorization") ?? "none", "ETag: \"alice\"", "Cache-Control: max-age=60"));
        await env.GetAsync("/me", "Authorization: Bearer A");

        var mallory = await env.GetAsync("/me", "If-None-Match: \"alice\"");
        var plain = await env.GetAsync("/me");

        Assert.DoesNotContain("Bearer A", mallory.Text + plain.Text, StringComparison.Ordinal);
    }
}
