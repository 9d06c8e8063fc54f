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
    [InlineData("/%zz%41%4", "/%zzA%4")]
    [InlineData("/caf%c3%A9", "/caf%C3%A9")]
    [InlineData("/%C3%A9%2F%41", "/%C3%A9%2FA")]
    public void Normalise_Target_IsSpeltAsTheStandardSays(string target, string normal) => Assert.Equal(normal, TargetSpelling.Normalise(target));

    /// <summary>It is asked for each stored response that was not looked at since the last invalidation.</summary>
    [Theory]
    [InlineData("/a")]
    [InlineData("/caf%C3%A9?q=%2F%zz%")]
    public void Normalise_TargetThatIsNormal_IsItself(string target) => Assert.Same(target, TargetSpelling.Normalise(target));
}
