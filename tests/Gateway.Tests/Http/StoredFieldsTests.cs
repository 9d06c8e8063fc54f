using CacheGateway.Http;

namespace CacheGateway.Tests.Http;

[Covers("RFC 9111 3.1", "which fields are stored")]
public sealed class StoredFieldsTests
{
    [Theory]
    [InlineData("Connection")]
    [InlineData("keep-alive")]
    [InlineData("Proxy-Authenticate")]
    [InlineData("Proxy-Authentication-Info")]
    [InlineData("Proxy-Authorization")]
    [InlineData("Proxy-Connection")]
    [InlineData("te")]
    [InlineData("Trailer")]
    [InlineData("Transfer-Encoding")]
    [InlineData("UPGRADE")]
    [InlineData("Age")]
    public void StoredHeaders_HopByHopAndAge_AreLeftOut(string name)
    {
        var verdict = Given.Verdict(Given.Response("Cache-Control: max-age=60", name + ": value", "X: y"), Given.Rfc9111);
        Assert.Equal(["Cache-Control", "X"], verdict.StoredHeaders.Select(field => field.Name));
    }

    [Theory]
    [InlineData("Content-Encoding")]
    [InlineData("Content-Length")]
    [InlineData("Content-Range")]
    [InlineData("Clear-Site-Data")]
    [InlineData("Public-Key-Pins")]
    [InlineData("Set-Cookie2")]
    [InlineData("Surrogate-Key")]
    [InlineData("Via")]
    public void StoredHeaders_EverythingElse_Stays(string name)
    {
        var verdict = Given.Verdict(Given.Response("Cache-Control: max-age=60", name + ": 10"), Given.Rfc9111);
        Assert.Contains(verdict.StoredHeaders, field => field.Is(name));
    }

    [Fact]
    [Covers("RFC 9110 7.6.1", "fields that Connection nominates")]
    public void StoredHeaders_NominatedByConnection_AreLeftOut()
    {
        var verdict = Given.Verdict(Given.Response("Cache-Control: max-age=60", "Connection: a, B,close", "A: 1", "b: 2", "c: 3"), Given.Rfc9111);
        Assert.Equal(["Cache-Control", "c"], verdict.StoredHeaders.Select(field => field.Name));
    }

    [Fact]
    [Covers("RFC 9111 5.2.2.4", "no-cache with field names: stored without them")]
    [Covers("RFC 9111 5.2.2.7", "private with field names: stored without them")]
    public void StoredHeaders_NamedByDirectives_AreLeftOut()
    {
        var verdict = Given.Verdict(Given.Response("Cache-Control: no-cache=\"a, b\", private=\"C\"", "a: 1", "B: 2", "c: 3", "d: 4", "Cache-Control: max-age=60"), Given.Rfc9111);
        Assert.True(verdict.Store);
        Assert.Equal(["Cache-Control", "d", "Cache-Control"], verdict.StoredHeaders.Select(field => field.Name));
    }

    [Fact]
    public void Strip_OtherSequences_AreCopied() =>
        Assert.Equal(["X"], HopByHop.Strip(Given.Headers("TE: x", "X: y").ToList()).Select(field => field.Name));
}
