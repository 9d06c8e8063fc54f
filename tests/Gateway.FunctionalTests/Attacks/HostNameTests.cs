namespace CacheGateway.FunctionalTests.Attacks;

/// <summary>Names of hosts are bytes: internationalised ones are forwarded and keyed as they came; what only looks like one is none.</summary>
public sealed class HostNameTests(SharedGateway gateway) : IClassFixture<SharedGateway>
{
    [Theory]
    [InlineData("xn--bcher-kva.test")]
    [InlineData("xn--bcher-kva.test:8080")]
    [InlineData("xn--a")]
    [InlineData("xn--zzzzzzzzzz.test")]
    [InlineData("XN--BCHER-KVA.test")]
    [InlineData("a_b.test")]
    [InlineData("-a.test")]
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
}
