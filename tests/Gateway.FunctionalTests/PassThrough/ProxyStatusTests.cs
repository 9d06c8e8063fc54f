namespace CacheGateway.FunctionalTests.PassThrough;

/// <summary>What this gateway refuses says so itself (RFC 9209), so that nobody looks for the cause at the origin.</summary>
public sealed class ProxyStatusTests
{
    [Theory]
    [Covers("RFC 9209 2.3", "an intermediary's own refusal names its type")]
    [InlineData(400, "http_request_error", "GET", "/x#fragment")]
    [InlineData(400, "http_request_error", "GET", "/x", "Host: xn--")]
    [InlineData(400, "http_request_error", "OPTIONS", "/x", "Max-Forwards: many")]
    [InlineData(405, "http_request_error", "TRACE", "/x")]
    [InlineData(417, "http_request_error", "GET", "/x", "Expect: wonders")]
    [InlineData(421, "http_request_denied", "GET", "/x", "Host: elsewhere.test")]
    [InlineData(501, "http_request_denied", "get", "/x")]
    public async Task Refusal_NamesItsType_AndHasABody(int status, string type, string method, string target, params string[] fields)
    {
        await using var env = await GatewayEnvironment.StartAsync(new EnvironmentOptions { Settings = settings => settings with { Hosts = ["gw.test"] } });

        var answer = await env.SendAsync(method, target, null, [.. fields.Any(field => field.StartsWith("Host", StringComparison.Ordinal)) ? [] : (string[])["Host: gw.test"], .. fields]);

        Assert.Equal((status, $"CacheGateway; error={type}"), (answer.Status, answer.Header("Proxy-Status")));
        Assert.Contains($"\"status\":{status}", answer.Text, StringComparison.Ordinal);
        Assert.Empty(env.Origin.Log);
    }

    /// <summary>No type says that the client itself allowed nothing else.</summary>
    [Fact]
    public async Task OnlyIfCached_HasNoType()
    {
        await using var env = await GatewayEnvironment.StartAsync();

        var answer = await env.GetAsync("/x", "Cache-Control: only-if-cached");

        Assert.Equal((504, null, "CacheGateway"), (answer.Status, answer.Header("Proxy-Status"), answer.CacheStatus?.Cache));
    }
}
