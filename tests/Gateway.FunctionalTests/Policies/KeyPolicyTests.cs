namespace CacheGateway.FunctionalTests.Policies;

/// <summary>What tells entries apart, and that the origin sees no more than what is keyed.</summary>
public sealed class KeyPolicyTests
{
    [Theory]
    [CoversPolicy("key.query.include", "key.query.ignore", "key.query.sort")]
    [InlineData("\"ignore\": [\"utm_*\"]", "/p?id=1&utm_content=x", "/p?id=1")]
    [InlineData("\"ignore\": [\"utm_*\"]", "/p?utm_content=x;callback=evil&id=1", "/p?id=1")]
    [InlineData("\"ignore\": [\"utm_*\"]", "/p?utm_a=1", "/p")]
    [InlineData("\"ignore\": [\"a\"]", "/p?a=1&b=2&a=3", "/p?b=2")]
    [InlineData("\"include\": [\"id\"]", "/p?x=1&id=1&y=2", "/p?id=1")]
    [InlineData("\"include\": []", "/p?x=1", "/p")]
    [InlineData("\"include\": [\"page\", \"filter[name]\"]", "/p?filter%5Bname%5D=x&page=1&y=2", "/p?filter%5Bname%5D=x&page=1")]
    [InlineData("\"include\": [\"filter%5Bname%5D\"]", "/p?filter%5Bname%5D=x&filter[name]=y", "/p?filter%5Bname%5D=x")]
    [InlineData("\"ignore\": [\"utm_*\"]", "/p?utm%5Fsource=x&a=1", "/p?a=1")]
    [InlineData("\"sort\": true", "/p?b=1&a=1&%61=2", "/p?a=1&%61=2&b=1")]
    [InlineData("\"sort\": true", "/p?b=2&a=1&b=1", "/p?a=1&b=2&b=1")]
    public async Task Query_AsKeyed_IsWhatTheOriginSees(string query, string sent, string seen)
    {
        await using var env = await StartAsync($"\"key\": {{ \"query\": {{ {query} }} }}");

        Assert.Equal(seen, (await env.GetAsync(sent)).Text);
        CacheAssert.Hit(await env.GetAsync(seen));

        Assert.Equal(seen, Assert.Single(env.Origin.Log).Target);
    }

    [Theory]
    [Attack("A10", "Parameters twice, encoded or empty")]
    [InlineData("/p?utm%5Fx=1")]
    [InlineData("/p?UTM_X=1")]
    [InlineData("/p?id=1?utm_x=1")]
    public async Task IgnoredParameter_InDisguise_IsKeyedExactlyWhenItIsForwarded(string target)
    {
        await using var env = await StartAsync("\"key\": { \"query\": { \"ignore\": [\"utm_*\"] } }");

        var disguised = await env.GetAsync(target);
        var plain = await env.GetAsync("/p");

        Assert.Equal("/p", plain.Text);
        Assert.Equal(disguised.Text == "/p" ? 1 : 2, env.Origin.Log.Count);
    }

    [Fact]
    [CoversPolicy("key.headers")]
    public async Task Headers_ThatAreKeyed_SeparateEntries()
    {
        await using var env = await GatewayEnvironment.StartAsync(PolicyText.Of("\"key\": { \"headers\": [\"X-Tenant\"] }"));
        env.Origin.Get("/t", request => Reply.Ok(request.Header("X-Tenant") ?? "none"));

        foreach (var _ in Enumerable.Range(0, 2))
        {
            Assert.Equal("a", (await env.GetAsync("/t", "X-Tenant: a")).Text);
            Assert.Equal("b", (await env.GetAsync("/t", "X-Tenant: b")).Text);
            Assert.Equal("none", (await env.GetAsync("/t")).Text);
        }

        Assert.Equal(3, env.Origin.Requests("/t"));
    }

    /// <summary>Each part of a key stands behind its length, so that none can spell out the next one.</summary>
    [Fact]
    [Attack("A36", "A target that spells out another key")]
    public async Task Headers_WhoseValuesSpellOutTheKey_SeparateEntries()
    {
        await using var env = await GatewayEnvironment.StartAsync(PolicyText.Of("\"key\": { \"headers\": [\"X-A\", \"X-B\"] }"));
        env.Origin.Get("/t", request => Reply.Ok($"{request.Header("X-A")} and {request.Header("X-B")}"));

        Assert.Equal("1|x-b|=2 and ", (await env.GetAsync("/t", "X-A: 1|x-b|=2")).Text);
        Assert.Equal("1 and 2|x-b|-", (await env.GetAsync("/t", "X-A: 1", "X-B: 2|x-b|-")).Text);
    }

    [Fact]
    public async Task Headers_OfTheTrustedLookingKind_ReachTheOriginWhenTheyAreKeyed()
    {
        await using var env = await GatewayEnvironment.StartAsync(PolicyText.Of("\"key\": { \"headers\": [\"X-Original-URL\"] }"));
        env.Origin.Get("/t", request => Reply.Ok(request.Header("X-Original-URL") ?? "none"));

        Assert.Equal("/a", (await env.GetAsync("/t", "X-Original-URL: /a")).Text);
        Assert.Equal("none", (await env.GetAsync("/t")).Text);
    }

    [Fact]
    [CoversPolicy("key.cookies")]
    public async Task Cookies_ThatAreKeyed_SeparateEntries_AndOthersDoNotReachTheOrigin()
    {
        await using var env = await GatewayEnvironment.StartAsync(PolicyText.Of("\"key\": { \"cookies\": [\"session\"] }"));
        env.Origin.Get("/t", request => Reply.Ok(request.Header("Cookie") ?? "none"));

        Assert.Equal("session=a", (await env.GetAsync("/t", "Cookie: tracker=1; session=a")).Text);
        CacheAssert.Hit(await env.GetAsync("/t", "Cookie: session=a; tracker=2"));
        Assert.Equal("session=b", (await env.GetAsync("/t", "Cookie: session=b")).Text);
        Assert.Equal("none", (await env.GetAsync("/t", "Cookie: tracker=1")).Text);

        Assert.Equal(3, env.Origin.Requests("/t"));
    }

    [Theory]
    [Attack("A33", "A keyed field in several lines")]
    [InlineData("\"cookies\": [\"sid\"]", "Cookie", "Cookie: a=1\r\nCookie: sid=me", "sid=me")]
    [InlineData("\"cookies\": [\"sid\"]", "Cookie", "Cookie: a=1\r\nCookie: \r\nCookie: sid=me; b=2", "sid=me")]
    [InlineData("\"identity\": \"isolate\"", "Cookie", "Cookie: a=1\r\nCookie: sid=me", "a=1; sid=me")]
    [InlineData("\"headers\": [\"User-Agent\"]", "User-Agent", "User-Agent: a\r\nUser-Agent: b", "a, b")]
    [InlineData("\"headers\": [\"Accept-Language\"]", "Accept-Language", "Accept-Language: a\r\nAccept-Language: b", "a, b")]
    public async Task SeveralLinesOfAField_AreKeyedAsTheOriginSeesThem(string key, string field, string lines, string seen)
    {
        await using var env = await GatewayEnvironment.StartAsync(PolicyText.Of($"\"key\": {{ {key} }}"));
        env.Origin.Get("/t", request => Reply.Ok(string.Join("|", request.HeaderLines.Values(field)), "Cache-Control: public"));

        Assert.Equal(seen, (await env.GetAsync("/t", lines.Split("\r\n"))).Text);
        CacheAssert.Hit(await env.GetAsync("/t", $"{field}: {seen}"));
        Assert.NotEqual(seen, (await env.GetAsync("/t", lines.Split("\r\n")[0])).Text);
    }

    /// <summary>What the origin was not sent had no part in its answer, whatever Vary says: one entry for all.</summary>
    [Theory]
    [InlineData("Content-Type", "application/json", "text/plain")]
    [InlineData("User-Agent", "a", "b")]
    public async Task FieldThatTheOriginIsNotSent_SelectsNothing(string field, string one, string other)
    {
        await using var env = await StartAsync("\"dropRequestHeaders\": [\"User-Agent\"]");
        env.Origin.Get("/p", request => Reply.Ok($"{request.PathNumber}", $"Vary: {field}"));

        Assert.Equal("1", (await env.GetAsync("/p", $"{field}: {one}")).Text);
        Assert.Equal("1", (await env.GetAsync("/p", $"{field}: {one}")).Text);
        Assert.Equal("1", (await env.GetAsync("/p", $"{field}: {other}")).Text);
        Assert.Equal("1", (await env.GetAsync("/p")).Text);
        Assert.False(env.Origin.Last("/p").Has(field));
    }

    [Fact]
    public async Task SeveralLinesOfASelectingField_SelectAsTheOriginSawThem()
    {
        await using var env = await GatewayEnvironment.StartAsync(new EnvironmentOptions { Profile = CacheGateway.Model.CacheProfile.Rfc9111 });
        env.Origin.Get("/t", request => Reply.Ok(string.Join("|", request.HeaderLines.Values("User-Agent")), "Cache-Control: max-age=60", "Vary: User-Agent, Cookie"));

        Assert.Equal("a, b", (await env.GetAsync("/t", "User-Agent: a", "User-Agent: b", "Cookie: c=1", "Cookie: d=2")).Text);
        CacheAssert.Hit(await env.GetAsync("/t", "User-Agent: a, b", "Cookie: c=1; d=2"));
    }

    [Theory]
    [InlineData("Content-Language", "fr")]
    [InlineData("Content-Type", "text/x")]
    [InlineData("Expires", "0")]
    public async Task DropRequestHeaders_OfContent_AreDroppedToo(string field, string value)
    {
        await using var env = await StartAsync($"\"dropRequestHeaders\": [\"{field}\"]");

        Assert.Equal(200, (await env.GetAsync("/p", $"{field}: {value}")).Status);

        Assert.False(env.Origin.Last("/p").Has(field));
    }

    /// <summary>Where there is content they describe it, and reach the origin unless they are dropped.</summary>
    [Theory]
    [InlineData("Content-Language", "fr", true)]
    [InlineData("Content-Language", "fr", false)]
    [InlineData("Expires", "0", true)]
    [InlineData("Expires", "0", false)]
    public async Task DropRequestHeaders_OfContentThatIsSent(string field, string value, bool isDropped)
    {
        await using var env = await GatewayEnvironment.StartAsync($$"""
            { "policies": { "p": { "match": { "path": "/p", "methods": ["GET", "POST"] }, "dropRequestHeaders": ["{{(isDropped ? field : "X-Other")}}"] } } }
            """);
        env.Origin.On("POST", "/p", _ => Reply.Ok("made"));

        Assert.Equal(200, (await env.SendAsync("POST", "/p", "content", $"{field}: {value}")).Status);

        Assert.Equal(!isDropped, env.Origin.Last("/p").Has(field));
    }

    [Fact]
    [CoversPolicy("dropRequestHeaders")]
    public async Task DropRequestHeaders_DoNotReachTheOrigin()
    {
        await using var env = await StartAsync("\"dropRequestHeaders\": [\"X-Preview\"]");

        await env.GetAsync("/p", "X-Preview: 1", "X-Other: 1");

        Assert.False(env.Origin.Last("/p").Has("X-Preview"));
        Assert.True(env.Origin.Last("/p").Has("X-Other"));
    }

    [Fact]
    [CoversPolicy("forwardOnly")]
    public async Task ForwardOnly_SendsWhatIsKeyedAndNothingElseOfTheClients()
    {
        await using var env = await StartAsync("\"forwardOnly\": true, \"key\": { \"headers\": [\"X-Tenant\"] }");

        await env.GetAsync("/p", "X-Tenant: a", "X-Other: 1", "User-Agent: me", "Accept: text/x");

        var seen = env.Origin.Last("/p");
        Assert.Equal("a", seen.Header("X-Tenant"));
        Assert.All((string[])["X-Other", "User-Agent", "Accept"], name => Assert.False(seen.Has(name), name));
    }

    [Fact]
    [CoversPolicy("version")]
    public async Task Version_OfThePolicyRaised_AbandonsItsEntries()
    {
        await using var env = await StartAsync("\"version\": 1");
        await env.GetAsync("/p");

        await env.ChangePoliciesAsync(PolicyText.Of("\"version\": 2"));
        await env.GetAsync("/p");

        Assert.Equal(2, env.Origin.Requests("/p"));
    }

    /// <summary>Also where this very request would be keyed alike: what else was stored under the former rules would be met.</summary>
    [Theory]
    [InlineData("\"headers\": [\"X-A\"]", "\"headers\": [\"X-B\"]")]
    [InlineData("\"query\": { \"ignore\": [\"b\"] }", "\"query\": { \"ignore\": [\"c\"] }")]
    [InlineData("\"query\": { \"sort\": true }", "\"query\": { \"sort\": false }")]
    public async Task KeySection_Changed_NeverMeetsFormerEntries(string before, string after)
    {
        await using var env = await StartAsync($"\"key\": {{ {before} }}");
        await env.GetAsync("/p?a=1", "X-A: 1");
        CacheAssert.Hit(await env.GetAsync("/p?a=1", "X-A: 1"));

        await env.ChangePoliciesAsync(PolicyText.Of($"\"key\": {{ {after} }}"));
        await env.GetAsync("/p?a=1", "X-A: 1", "X-B: 1");

        Assert.Equal(2, env.Origin.Log.Count(request => request.Target == "/p?a=1"));
    }

    [Fact]
    [Attack("A25", "Schemes, hosts and routes that share a key")]
    public async Task Routes_ToDifferentOrigins_NeverShareAnEntry()
    {
        await using var other = ScriptedOrigin.Start(TimeProvider.System);
        other.Get("/p", Reply.Ok("beta", "Cache-Control: max-age=60"));
        await using var env = await GatewayEnvironment.StartAsync(new EnvironmentOptions
        {
            Configuration = origin => $$"""
                { "ReverseProxy": {
                    "Routes": {
                        "beta": { "ClusterId": "beta", "Order": 1, "Match": { "Path": "/{**path}", "Headers": [ { "Name": "X-Channel", "Values": [ "beta" ] } ] } },
                        "stable": { "ClusterId": "stable", "Order": 2, "Match": { "Path": "/{**path}" } } },
                    "Clusters": {
                        "beta": { "Destinations": { "a": { "Address": "{{other.Address}}" } } },
                        "stable": { "Destinations": { "a": { "Address": "{{origin}}" } } } } } }
                """,
        });
        env.Origin.Get("/p", Reply.Ok("stable", "Cache-Control: max-age=60"));

        for (var round = 0; round < 2; round++)
        {
            Assert.Equal("beta", (await env.GetAsync("/p", "X-Channel: beta")).Text);
            Assert.Equal("stable", (await env.GetAsync("/p")).Text);
        }

        Assert.Equal(1, env.Origin.Requests("/p"));
    }

    /// <summary>A route that keeps its name and is changed finds nothing of what was answered before it was.</summary>
    [Theory]
    [Attack("A25", "Schemes, hosts and routes that share a key")]
    [InlineData("\"ClusterId\": \"stable\"", "\"ClusterId\": \"beta\"", "", "stable: ", "beta")]
    [InlineData(
        "\"ClusterId\": \"stable\", \"Transforms\": [ { \"RequestHeader\": \"X-Shop\", \"Set\": \"one\" } ]",
        "\"ClusterId\": \"stable\", \"Transforms\": [ { \"RequestHeader\": \"X-Shop\", \"Set\": \"two\" } ]", "", "stable: one", "stable: two")]
    [InlineData(
        "\"ClusterId\": \"stable\"; \"Headers\": [ { \"Name\": \"X-Shop\", \"Values\": [ \"one\" ] } ]",
        "\"ClusterId\": \"stable\"; \"Headers\": [ { \"Name\": \"X-Shop\", \"Values\": [ \"two\" ] } ]", "X-Shop: ", "stable: one", "stable: two")]
    [InlineData(
        "\"ClusterId\": \"stable\"; \"QueryParameters\": [ { \"Name\": \"shop\", \"Mode\": \"Exists\" } ]", "\"ClusterId\": \"beta\"", "", "stable: ", "beta")]
    public async Task Route_ThatIsMadeAnother_AnswersNothingOfTheFormerOne(string before, string after, string field, string first, string second)
    {
        await using var other = ScriptedOrigin.Start(TimeProvider.System);
        other.Get("/p", Reply.Ok("beta", "Cache-Control: max-age=60"));
        await using var env = await GatewayEnvironment.StartAsync(new EnvironmentOptions { Configuration = origin => Configuration(origin, before) });
        env.Origin.Get("/p", request => Reply.Ok($"stable: {request.Header("X-Shop")}", "Cache-Control: max-age=60"));
        Assert.Equal(first, (await AskAsync("one")).Text);
        CacheAssert.Hit(await AskAsync("one"));

        await File.WriteAllTextAsync(env.ConfigurationPath, Configuration(env.Origin.Address.ToString(), after));

        // 404 where no route takes it yet.
        await Deadline.Until(async () => await AskAsync("two") is { Status: 200 } answer && answer.Text == second, "the changed route");

        Task<RawResponse> AskAsync(string shop) => env.GetAsync("/p?shop=1", field.Length == 0 ? [] : [field + shop]);

        string Configuration(string origin, string route) => $$"""
            { "ReverseProxy": {
                "Routes": { "all": { "Match": { "Path": "/{**path}"{{(route.Contains(';', StringComparison.Ordinal) ? "," + route.Split(';')[1] : "")}} }, {{route.Split(';')[0]}} } },
                "Clusters": {
                    "beta": { "Destinations": { "a": { "Address": "{{other.Address}}" } } },
                    "stable": { "Destinations": { "a": { "Address": "{{origin}}" } } } } } }
            """;
    }

    [Fact]
    public async Task Cookies_ThatAreKeyed_SeparateTheEntriesOfOneClaim()
    {
        var secret = System.Security.Cryptography.RandomNumberGenerator.GetBytes(32);
        await using var env = await GatewayEnvironment.StartAsync($$"""
            { "policies": { "all": { "match": { "path": "/{*rest}" }, "ttl": "60s", "key": { "identity": "claim:sub", "cookies": ["lang"] } } },
              "tokens": { "issuer": "me", "audience": "shop", "algorithms": ["HS256"], "keys": { "k": { "kty": "oct", "k": "{{Url(secret)}}" } } } }
            """);
        env.Origin.Get("/t", request => Reply.Ok(request.Header("Cookie") ?? "none"));
        var payload = $"{Url("""{"alg":"HS256"}"""u8)}.{Url("""{"iss":"me","aud":"shop","exp":4000000000,"sub":"anna"}"""u8)}";
        var token = $"{payload}.{Url(System.Security.Cryptography.HMACSHA256.HashData(secret, System.Text.Encoding.ASCII.GetBytes(payload)))}";

        for (var round = 0; round < 2; round++)
        {
            Assert.Equal("lang=de", (await env.GetAsync("/t", $"Authorization: Bearer {token}", "Cookie: lang=de")).Text);
            Assert.Equal("lang=fr", (await env.GetAsync("/t", $"Authorization: Bearer {token}", "Cookie: lang=fr")).Text);
        }

        Assert.Equal(2, env.Origin.Requests("/t"));
    }

    private static string Url(ReadOnlySpan<byte> bytes) => System.Buffers.Text.Base64Url.EncodeToString(bytes);

    private static async Task<GatewayEnvironment> StartAsync(string members)
    {
        var env = await GatewayEnvironment.StartAsync(PolicyText.Of(members));
        env.Origin.Get("/*", request => Reply.Ok(request.Target));
        return env;
    }
}
