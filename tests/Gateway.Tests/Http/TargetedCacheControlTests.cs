using CacheGateway.Http;
using CacheGateway.Model;

namespace CacheGateway.Tests.Http;

[Covers("RFC 9213 2.1", "targeted fields are structured fields; an invalid one counts as absent")]
public sealed class TargetedCacheControlTests
{
    [Theory]
    [InlineData("max-age=60", 60)]
    [InlineData("other, max-age=60;p=1", 60)]
    [InlineData("max-age=99999999999", 2147483648)]
    [InlineData("max-age=-1", 0)]
    [InlineData("max-age=1, max-age=60", 60)]
    [InlineData("max-age=\"60\"", 0)]
    [InlineData("max-age=1.5", 0)]
    [InlineData("max-age", 0)]
    [InlineData("a=(1 \"x\");q, b=:aGk=:, c=1.5, d=@7, e=tok/en, f=?1, g=%\"%c3%bc\", max-age=60", 60)]
    public void Parse_Dictionary_IsRead(string text, long maxAge) => Assert.Equal(maxAge, TargetedCacheControl.Parse(text)?.MaxAge);

    [Theory]
    [InlineData("")]
    [InlineData("  ")]
    [InlineData("max-age=60, &&&")]
    [InlineData("max-age =60")]
    [InlineData("max-age= 60")]
    [InlineData("Max-Age=60")]
    [InlineData("max-age=60,")]
    [InlineData("max-age=60 no-store")]
    [InlineData("max-age=1234567890123456")]
    [InlineData("a=\"open")]
    [InlineData("a=(1 2")]
    [InlineData("a=:open")]
    [InlineData("a=?2")]
    [InlineData("a=\"\\x\"")]
    [InlineData("a;=1")]
    [InlineData("a=-")]
    [InlineData("a=1.2345")]
    public void Parse_AnythingElse_IsAbsent(string text) => Assert.Null(TargetedCacheControl.Parse(text));

    [Fact]
    public void Parse_FlagsAndFields_AreRead()
    {
        var read = TargetedCacheControl.Parse("no-store, no-cache=\"a\", private, public=?0")!;
        Assert.True(read.NoStore && read.Private);
        Assert.False(read.NoCache || read.Public);
        Assert.Equal(["a"], read.NoCacheFields);
    }

    [Theory]
    [Covers("RFC 9213 2.1", "a member of the wrong type takes nothing away from those beside it")]
    [InlineData("no-store, max-age=\"60\"", Reason.ResponseNoStore)]
    [InlineData("private, max-age=60.5", Reason.ResponsePrivate)]
    [InlineData("no-store=1, max-age=60", Reason.ResponseNoStore)]
    [InlineData("private=(\"a\"), max-age=60", Reason.ResponsePrivate)]
    [InlineData("no-cache=tok, max-age=60", Reason.ResponseNoCache)]
    public void Judge_TargetWithAWrongType_StillRestricts(string target, Reason reason) =>
        Assert.Equal(reason, Given.Verdict(Given.Response($"CDN-Cache-Control: {target}", "Cache-Control: max-age=10000"), Given.Rfc9111).Reason);

    [Fact]
    public void Parse_WrongType_NeverPermits()
    {
        var read = TargetedCacheControl.Parse("public=1, must-understand=a, must-revalidate=1, proxy-revalidate=1, stale-if-error=x")!;
        Assert.False(read.Public || read.MustUnderstand);
        Assert.True(read.MustRevalidate && read.ProxyRevalidate);
        Assert.Equal(0, read.StaleIfError);
    }

    [Fact]
    [Covers("RFC 9213 2.2", "the first valid targeted field replaces Cache-Control and Expires")]
    public void From_ValidTarget_ReplacesCacheControlAndExpires()
    {
        var facts = Given.Response("Cache-Control: no-store", "Expires: 0", "CDN-Cache-Control: max-age=60");
        Assert.True(facts.Targeted);
        Assert.False(facts.HasExpires || facts.Directives.NoStore);
        var freshness = Given.Freshness(facts, Given.Rfc9111);
        Assert.Equal((60_000, FreshnessSource.TargetedMaxAge), (freshness.Lifetime, freshness.Source));
    }

    [Fact]
    public void From_OwnName_GoesBeforeTheCommonOne() =>
        Assert.Equal(1, Given.Response("CDN-Cache-Control: max-age=2", "CacheGateway-Cache-Control: max-age=1").Directives.MaxAge);

    [Fact]
    public void From_InvalidTarget_FallsBack()
    {
        var facts = Given.Response("CacheGateway-Cache-Control: =", "CDN-Cache-Control: max-age='1'", "Cache-Control: max-age=3");
        Assert.False(facts.Targeted);
        Assert.Equal(3, facts.Directives.MaxAge);
    }

    [Theory]
    [InlineData("CDN-Cache-Control: private", Reason.ResponsePrivate)]
    [InlineData("CDN-Cache-Control: no-store", Reason.ResponseNoStore)]
    [InlineData("CDN-Cache-Control: no-cache", Reason.ResponseNoCache)]
    [InlineData("CDN-Cache-Control: max-age=0", Reason.ResponseAlreadyStale)]
    public void Judge_RestrictiveTarget_WinsOverFreshCacheControl(string target, Reason reason)
    {
        var facts = Given.Response(target, "Cache-Control: max-age=10000", Given.At("Expires", 10000), Given.At("Date", 0));
        Assert.Equal(reason, Given.Verdict(facts, Given.Rfc9111).Reason);
    }
}
