using CacheGateway.Http;

namespace CacheGateway.Tests.Http;

[Covers("RFC 9111 4.4", "invalidation by unsafe methods")]
public sealed class UnsafeMethodsTests
{
    [Theory]
    [Covers("RFC 9110 9.2.1", "safe methods; unknown ones are unsafe")]
    [InlineData("GET", true)]
    [InlineData("HEAD", true)]
    [InlineData("OPTIONS", true)]
    [InlineData("TRACE", true)]
    [InlineData("QUERY", true)]
    [InlineData("PROPFIND", true)]
    [InlineData("REPORT", true)]
    [InlineData("SEARCH", true)]
    [InlineData("POST", false)]
    [InlineData("PUT", false)]
    [InlineData("DELETE", false)]
    [InlineData("PATCH", false)]
    [InlineData("M-SEARCH", false)]
    [InlineData("get", false)]
    public void IsSafe_Method_AsRegistered(string method, bool safe) => Assert.Equal(safe, UnsafeMethods.IsSafe(method));

    [Theory]
    [InlineData(200, true)]
    [InlineData(204, true)]
    [InlineData(302, true)]
    [InlineData(400, false)]
    [InlineData(500, false)]
    [InlineData(103, false)]
    public void Invalidates_Status_OnlySuccessAndRedirection(int status, bool invalidates) => Assert.Equal(invalidates, UnsafeMethods.Invalidates(status));

    [Theory]
    [InlineData("/b?x=1", "/b?x=1")]
    [InlineData("b", "/a/b")]
    [InlineData("../b", "/b")]
    [InlineData("?y=2", "/a/x?y=2")]
    [InlineData("", "/a/x?q=1")]
    [InlineData("http://example.test/b#part", "/b")]
    [InlineData("http://EXAMPLE.test:80/b", "/b")]
    [InlineData("//example.test/b", "/b")]
    [InlineData("http://example.test", "/")]
    [InlineData("/b/%7Ec", "/b/~c", "/b/%7Ec")]
    [InlineData("https://example.test/b", "/b")]
    [InlineData("https://example.test:443/b", "/b")]
    [InlineData("https://example.test:80/b")]
    [InlineData("http://origin.internal:5000/b", "/b")]
    [InlineData("http://origin.internal/b")]
    [InlineData("ftp://example.test/b")]
    [InlineData("%7Eb", "/a/~b", "/a/%7Eb")]
    [InlineData("/%c3%a9", "/%C3%A9", "/%c3%a9")]
    [InlineData("http://example.test:81/b")]
    [InlineData("http://other.test/b")]
    [InlineData("//other.test/b")]
    [InlineData("mailto:a@example.test")]
    [InlineData("http://[")]
    public void SameOriginTargets_Reference_IsResolved(string reference, params string[] targets)
    {
        foreach (var name in new[] { "Location", "content-location" })
        {
            Assert.Equal(targets, UnsafeMethods.SameOriginTargets(Given.Headers($"{name}: {reference}"), "http", "example.test", "/a/x?q=1", "origin.internal:5000"));
        }
    }

    [Fact]
    public void SameOriginTargets_BothFields_GiveEachOnce() =>
        Assert.Equal(["/b", "/c"], UnsafeMethods.SameOriginTargets(Given.Headers("Location: /b", "Content-Location: /c", "Location: /b"), "http", "example.test", "/"));

    [Fact]
    public void SameOriginTargets_RequestThatIsNoUri_GivesNone() =>
        Assert.Empty(UnsafeMethods.SameOriginTargets(Given.Headers("Location: /b"), "http", "", ""));
}
