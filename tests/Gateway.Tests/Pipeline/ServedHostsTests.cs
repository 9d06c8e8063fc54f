using CacheGateway.Pipeline;

namespace CacheGateway.Tests.Pipeline;

/// <summary>Names of hosts as somebody writes them, against authorities as requests have them: normalised, so without the port of their scheme.</summary>
public sealed class ServedHostsTests
{
    [Theory]
    [InlineData("a.test", "a.test", true)]
    [InlineData("a.test", "a.test:8443", true)]
    [InlineData("a.test", "b.test", false)]
    [InlineData("a.test", "x.a.test", false)]
    [InlineData("a.test:443", "a.test", true)]
    [InlineData("a.test:443", "a.test:443", true)]
    [InlineData("a.test:443", "a.test:8443", false)]
    [InlineData("a.test:80", "a.test", true)]
    [InlineData("a.test:8443", "a.test:8443", true)]
    [InlineData("a.test:8443", "a.test", false)]
    [InlineData("A.Test:80", "a.test", true)]
    [InlineData("a.test.", "a.test", true)]
    [InlineData("a.test.:443", "a.test", true)]
    [InlineData("[::1]:443", "[::1]", true)]
    public void Name_TakesWhatItMeans(string name, string authority, bool isServed)
    {
        var hosts = new ServedHosts(["other.test", name]);

        Assert.Equal((isServed, isServed), (hosts.Serve(authority), hosts.Names(authority)));
    }

    [Fact]
    public void NoNames_ServeEverybody_AndNameNobody()
    {
        var hosts = new ServedHosts([]);

        Assert.Equal((true, true, false), (hosts.Serve("a.test"), hosts.Serve(null), hosts.Names("a.test")));
    }

    /// <summary>HTTP/1.0 may leave Host away.</summary>
    [Fact]
    public void NoHost_IsNotOneOfThose() => Assert.False(new ServedHosts(["a.test"]).Serve(null));
}
