using CacheGateway.Http;

namespace Gateway.Tests.Http;

/// <summary>What some reader of a path could take for a dot segment.</summary>
public sealed class RequestTargetTests
{
    [Theory]
    [InlineData("/.")]
    [InlineData("/..")]
    [InlineData("/a/../b")]
    [InlineData("/a/..;x=1/b")]
    [InlineData("/a/%2E%2e")]
    [InlineData("/a%2F..%2Fb")]
    [InlineData("/a%5c.%5Cb")]
    [InlineData("/a/..%3Bx")]
    [InlineData("/%252e%252E/")]
    [InlineData("/%2525252e/")]
    [InlineData("/%25%32%65%2e%25%32%66")]
    [InlineData("/a/..%252f")]
    [InlineData("/a;x/..")]
    [InlineData("/a;x%2f..")]
    [InlineData("/a\\..\\b")]
    public void DotSegments_AreSeen(string path) => Assert.True(RequestTarget.HasDotSegments(path));

    [Theory]
    [InlineData("")]
    [InlineData("/")]
    [InlineData("/a.b/c..d")]
    [InlineData("/...")]
    [InlineData("/.a/..b/a..")]
    [InlineData("/a%2fb%252Fc%5Cd")]
    [InlineData("/a;../b")]
    [InlineData("/%2e%2e%2e/")]
    [InlineData("/a%")]
    [InlineData("/.%2")]
    [InlineData("/..%25")]
    [InlineData("/..%41")]
    public void NoDotSegments_NoneAreSeen(string path) => Assert.False(RequestTarget.HasDotSegments(path));
}
