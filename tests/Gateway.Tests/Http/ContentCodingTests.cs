using CacheGateway.Http;

namespace CacheGateway.Tests.Http;

[Covers("RFC 9110 12.5.3", "choice of a content coding by Accept-Encoding")]
public sealed class ContentCodingTests
{
    [Theory]
    [InlineData(null, "identity")]
    [InlineData("", "identity")]
    [InlineData("br, gzip", "br")]
    [InlineData("gzip, br", "br")]
    [InlineData("gzip, br;q=0.9", "gzip")]
    [InlineData("GZIP", "gzip")]
    [InlineData("deflate", "identity")]
    [InlineData("br;q=0, gzip", "gzip")]
    [InlineData("br;q=0, gzip;q=0", "identity")]
    [InlineData("*", "br")]
    [InlineData("*, br;q=0", "gzip")]
    [InlineData("gzip;q=0.5, identity", "identity")]
    [InlineData("gzip, identity;q=0.5", "gzip")]
    [InlineData("gzip;q=0.5, identity;q=0.5", "gzip")]
    [InlineData("gzip, gzip;q=0", "identity")]
    [InlineData("identity;q=0", null)]
    [InlineData("*;q=0", null)]
    [InlineData("*;q=0, identity;q=0.1", "identity")]
    [InlineData("deflate, *;q=0", null)]
    [InlineData("gzip, *;q=0", "gzip")]
    [InlineData("gzip;q=2", "identity")]
    [InlineData("gzip;q=0.1234", "identity")]
    [InlineData("gzip;level=9", "identity")]
    [InlineData("gzip; q=0.001", "gzip")]
    public void Choose_Header_GivesTheBestAllowed(string? header, string? coding) =>
        Assert.Equal(coding, ContentCoding.Choose(header, ["br", "gzip"]));

    [Fact]
    public void Choose_NothingAvailable_IsIdentity() => Assert.Equal("identity", ContentCoding.Choose("gzip", []));
}
