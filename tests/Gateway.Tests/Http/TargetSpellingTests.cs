using CacheGateway.Http;

namespace CacheGateway.Tests.Http;

public sealed class TargetSpellingTests
{
    [Theory]
    [Covers("RFC 3986 6.2.2", "a write clears its target as it should be spelt, too")]
    [InlineData("/", "/")]
    [InlineData("/a/b?c=%2F", "/a/b?c=%2F")]
    [InlineData("/a/../b", "/b")]
    [InlineData("/a/%2e%2E/b", "/b")]
    [InlineData("/../../b", "/b")]
    [InlineData("/a/.", "/a/")]
    [InlineData("/a/b/..", "/a/")]
    [InlineData("/a/.b", "/a/.b")]
    [InlineData("/%7Ejoe?%7e=%2f", "/~joe?~=%2F")]
    [InlineData("/x?y=/../z", "/x?y=/../z")]
    [InlineData("/%", "/%")]
    [InlineData("/%zz%4", "/%zz%4")]
    public void Normalise_Target_IsSpeltAsTheStandardSays(string target, string normal) => Assert.Equal(normal, TargetSpelling.Normalise(target));
}
