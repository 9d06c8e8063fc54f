namespace CacheGateway.FunctionalTests.Attacks;

/// <summary>Names of hosts are bytes: internationalised ones are forwarded and keyed as they came; what only looks like one is none.</summary>
public sealed class HostNameTests(SharedGateway gateway) : IClassFixture<SharedGateway>
{
    [Theory]
    [InlineData("xn--bcher-kva.test")]
    [InlineData("xn--bcher-kva.test:8080")]
    [InlineData("xn--a")]
    [InlineData("xn--zzzzzzzzzz.test")]
    [InlineData("a_b.test")]
    [InlineData("a_-.test")]
    [InlineData("-a.test")]
    [InlineData("a-.test")]
    [InlineData("[::1]:8080")]
    [InlineData("127.1")]
    [InlineData("0x7f.1")]
    public async Task Name_IsForwardedByteForByte_AndKeyed(string host)
    {
        var path = gateway.Page(request => Reply.Ok(request.Header("Host")!, "Cache-Control: max-age=60"));

        var first = await gateway.Environment.GetAsync(path, $"Host: {host}");
        var second = await gateway.Environment.GetAsync(path, $"Host: {host}");
        var other = await gateway.Environment.GetAsync(path, "Host: gw.test");

        Assert.Equal((200, host, "gw.test"), (first.Status, first.Text, other.Text));
        CacheAssert.Hit(second);
        Assert.Equal(host, second.Text);
    }

    [Theory]
    [Attack("A05", "Host in other spellings")]
    [InlineData("xn--")]
    [InlineData("xn--a-0.xn--b.test")]
    [InlineData("XN--.test:80")]
    public async Task Name_ThatDecodesToNone_Is400(string host)
    {
        var path = gateway.Page(_ => Reply.Ok("x"));

        Assert.Equal(400, (await gateway.Environment.GetAsync(path, $"Host: {host}")).Status);

        Assert.Equal(0, gateway.Environment.Origin.Requests(path));
    }

    /// <summary>Names by their letters, which the library that asks origins takes for none: it would send them beside a Host of its own.</summary>
    [Theory]
    [Attack("A05", "Host in other spellings")]
    [InlineData("a~b.test")]
    [InlineData("a~b.test:8080")]
    [InlineData("0.-1a")]
    [InlineData("9._")]
    [InlineData("[1]")]
    [InlineData("[v1.a]")]
    [InlineData("aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa.test")]
    public async Task Name_ThatCannotBeToldToAnOrigin_Is400(string host)
    {
        var path = gateway.Page(_ => Reply.Ok("x"));

        foreach (var method in new[] { "GET", "OPTIONS", "POST" })
        {
            Assert.Equal(400, (await gateway.Environment.SendAsync(method, path, null, $"Host: {host}")).Status);
        }

        Assert.Equal(0, gateway.Environment.Origin.Requests(path));
    }
}
