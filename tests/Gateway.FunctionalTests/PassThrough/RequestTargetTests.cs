namespace CacheGateway.FunctionalTests.PassThrough;

/// <summary>The request target reaches the origin byte for byte: nothing is decoded, encoded, resolved or folded on the way.</summary>
public sealed class RequestTargetTests
{
    [Theory]
    [Attack("A17", "An encoded slash, once and twice")]
    [Attack("A21", "Bytes that decode to the same character")]
    [Covers("RFC 9110 7.6", "a proxy forwards the target as it received it")]
    [InlineData("/files/a%2Fb")]
    [InlineData("/files/a%2fb")]
    [InlineData("/files/a%252Fb")]
    [InlineData("/a%5cb")]
    [InlineData("/a\\b")]
    [InlineData("//b")]
    [InlineData("/b//c/")]
    [InlineData("/a/../b")]
    [InlineData("/a/%2e%2e/b")]
    [InlineData("/a/./b")]
    [InlineData("/a%c0%afb")]
    [InlineData("/a%ffb")]
    [InlineData("/%ef%bc%8fadmin")]
    [InlineData("/a%0d%0aX:y")]
    [InlineData("/a;x=1,y$!~'()*")]
    [InlineData("/a%7Eb%41")]
    [InlineData("/q?")]
    [InlineData("/q?&&a=1")]
    [InlineData("/q?a=1&a=2&a")]
    [InlineData("/q?a=b+c%20d")]
    [InlineData("/q?a=1?b=2;c=3")]
    [InlineData("/q?a=%2F/%5B[]")]
    [InlineData("/q?b=2&a=1")]
    [InlineData("/")]
    public async Task Target_AsSent_ReachesOriginUnchanged(string target)
    {
        await using var env = await GatewayEnvironment.StartAsync();
        env.Origin.Get("/*", request => Reply.Ok(request.Target));

        var response = await env.GetAsync(target);

        Assert.Equal(200, response.Status);
        Assert.Equal(target, Assert.Single(env.Origin.Log).Target);
    }

    [Theory]
    [Attack("A17", "An encoded slash, once and twice")]
    [Attack("A21", "Bytes that decode to the same character")]
    [Attack("A18", "Paths that normalise to others")]
    [InlineData("/files/a%2Fb", "/files/a%252Fb")]
    [InlineData("/files/a%2Fb", "/files/a/b")]
    [InlineData("/a%c0%afb", "/a%c0%aeb")]
    [InlineData("/a%ffb", "/a%feb")]
    [InlineData("/b", "//b")]
    [InlineData("/b", "/b/")]
    [InlineData("/b", "/b?")]
    [InlineData("/q?a=b+c", "/q?a=b%20c")]
    [InlineData("/q?a=1", "/q?&a=1")]
    [InlineData("/q?a", "/q?a=")]
    [InlineData("/q?a=1&b=2", "/q?b=2&a=1")]
    [InlineData("/A", "/a")]
    public async Task Targets_ThatDifferInBytes_AreStoredApart(string one, string other)
    {
        await using var env = await GatewayEnvironment.StartAsync();
        env.Origin.Get("/*", request => Reply.Ok(request.Target, "Cache-Control: max-age=60"));

        Assert.Equal(one, (await env.GetAsync(one)).Text);
        Assert.Equal(other, (await env.GetAsync(other)).Text);
        CacheAssert.Hit(await env.GetAsync(one));
        var again = await env.GetAsync(other);
        CacheAssert.Hit(again);
        Assert.Equal(other, again.Text);

        Assert.Equal([one, other], env.Origin.Log.Select(request => request.Target));
    }

    [Theory]
    [Attack("A18", "Paths that normalise to others")]
    [InlineData("/a/../b", "/b")]
    [InlineData("/a/%2e%2e/b", "/b")]
    [InlineData("/a/./b", "/a/b")]
    public async Task DotSegments_AreNotResolvedIntoAnotherEntry(string dotted, string plain)
    {
        await using var env = await GatewayEnvironment.StartAsync();
        env.Origin.Get("/*", request => Reply.Ok(request.Target, "Cache-Control: max-age=60"));

        Assert.Equal(dotted, (await env.GetAsync(dotted)).Text);
        Assert.Equal(plain, (await env.GetAsync(plain)).Text);
        Assert.Equal(dotted, (await env.GetAsync(dotted)).Text);
    }

    [Theory]
    [InlineData("/b%00")]
    [InlineData("http://gw.test/b%00")]
    [InlineData("/b\0")]
    [InlineData("b")]
    [InlineData("/b c")]
    public async Task Target_ThatIsNone_IsRefusedBeforeTheOrigin(string target)
    {
        await using var env = await GatewayEnvironment.StartAsync();
        await using var client = await env.ConnectAsync();

        await client.SendAsync($"GET {target} HTTP/1.1\r\nHost: gw.test\r\n\r\n");

        Assert.InRange((await client.ReadAsync()).Status, 400, 499);
        Assert.Empty(env.Origin.Log);
    }

    [Theory]
    [Covers("RFC 9112 3.2.4", "OPTIONS of the server and of no resource is not sent on as that of a resource")]
    [InlineData("*")]
    [InlineData("http://gw.test")]
    public async Task OptionsOfTheServer_IsAnsweredHere(string target)
    {
        await using var env = await GatewayEnvironment.StartAsync();
        env.Origin.On(null, "/*", _ => Reply.Ok("x"));
        await using var client = await env.ConnectAsync();

        await client.SendAsync($"OPTIONS {target} HTTP/1.1\r\nHost: gw.test\r\n\r\n");

        Assert.Equal(204, (await client.ReadAsync("OPTIONS")).Status);
        await client.SendAsync($"OPTIONS {target} HTTP/1.1\r\nHost: gw.test\r\nTransfer-Encoding: chunked\r\n\r\n5;x\r\nhe");
        await client.SendAsync("llo\r\n0\r\n\r\n");
        Assert.Equal(204, (await client.ReadAsync("OPTIONS")).Status);
        await client.SendAsync($"OPTIONS {target} HTTP/1.1\r\nHost: gw.test\r\nTransfer-Encoding: chunked\r\n\r\n5 5\r\nhello\r\n0\r\n\r\n");
        Assert.Equal(400, (await client.ReadAsync("OPTIONS")).Status);
        Assert.Empty(env.Origin.Log);
    }
}
