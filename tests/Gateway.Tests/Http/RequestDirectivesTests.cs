using CacheGateway.Http;

namespace CacheGateway.Tests.Http;

[Covers("RFC 9111 5.2.1", "request directives")]
public sealed class RequestDirectivesTests
{
    [Fact]
    public void Parse_NoFields_IsDefault() => Assert.Equal(default, RequestDirectives.Parse(null, null));

    [Fact]
    public void Parse_EveryDirective_IsRead()
    {
        var read = RequestDirectives.Parse("No-Cache, no-store,only-if-cached , max-age=5, min-fresh=\"6\", max-stale=7, other=8", null);
        Assert.Equal(
            new RequestDirectives { NoCache = true, NoStore = true, OnlyIfCached = true, MaxAge = 5, MinFresh = 6, MaxStale = 7 },
            read);
    }

    [Fact]
    public void Parse_MaxStaleWithoutValue_AcceptsAnyAge() => Assert.Equal(long.MaxValue, RequestDirectives.Parse("max-stale", null).MaxStale);

    [Theory]
    [InlineData("max-age=x, min-fresh=-1, max-stale=1.5")]
    [InlineData("max-age, min-fresh=, max-stale='3'")]
    [InlineData("extension=\"no-cache, max-age=0\"")]
    public void Parse_WhatIsNoNumberOrQuoted_IsIgnored(string text) => Assert.Equal(default, RequestDirectives.Parse(text, null));

    [Fact]
    public void Parse_Duplicates_TakesTheStrictest()
    {
        var read = RequestDirectives.Parse("max-age=9, max-age=3, min-fresh=1, min-fresh=4, max-stale, max-stale=2", null);
        Assert.Equal((3, 4, 2), (read.MaxAge, read.MinFresh, read.MaxStale));
    }

    [Theory]
    [Covers("RFC 9111 5.4", "Pragma: no-cache counts only without Cache-Control")]
    [InlineData(null, "no-cache", true)]
    [InlineData(null, "other, No-Cache", true)]
    [InlineData(null, "other", false)]
    [InlineData("max-stale=1", "no-cache", false)]
    [InlineData("", "no-cache", false)]
    public void Parse_Pragma_StandsInForCacheControl(string? cacheControl, string pragma, bool noCache) =>
        Assert.Equal(noCache, RequestDirectives.Parse(cacheControl, pragma).NoCache);
}
