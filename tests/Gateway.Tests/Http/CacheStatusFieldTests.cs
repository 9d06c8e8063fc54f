using CacheGateway.Http;
using CacheGateway.Model;

namespace CacheGateway.Tests.Http;

[Covers("RFC 9211 2", "Cache-Status parameters")]
public sealed class CacheStatusFieldTests
{
    [Fact]
    public void Hit_Text_IsAsDocumented()
    {
        Assert.Equal("CacheGateway; hit; ttl=30; detail=fresh", CacheStatusField.Hit(30, Reason.Fresh));
        Assert.Equal("CacheGateway; hit; ttl=-5; detail=stale-while-revalidate", CacheStatusField.Hit(-5, Reason.StaleWhileRevalidate));
    }

    [Fact]
    public void Forward_Text_IsAsDocumented()
    {
        Assert.Equal(
            "CacheGateway; fwd=uri-miss; fwd-status=200; stored; ttl=300; detail=miss",
            CacheStatusField.Forward(CacheStatusField.Fwd(Reason.Miss), 200, stored: true, collapsed: false, 300, Reason.Miss));
        Assert.Equal(
            "CacheGateway; fwd=bypass; collapsed; detail=no-policy",
            CacheStatusField.Forward(CacheStatusField.Fwd(Reason.NoPolicy), null, stored: false, collapsed: true, null, Reason.NoPolicy));
    }

    [Fact]
    public void Forward_SaysWhatItIsAsked_WhateverWasSaidBefore()
    {
        // More than are kept.
        Reason[] details = [Reason.Miss, Reason.Expired, Reason.ResponseNoStore];
        var asked =
            from detail in details
            from fwd in new[] { "miss", "stale" }
            from status in new int?[] { null, 200, 404 }
            from ttl in new long?[] { null, -1, 0, 1, 60, 1L << 40 }
            from stored in new[] { true, false }
            from collapsed in new[] { true, false }
            select (detail, fwd, status, ttl, stored, collapsed);
        foreach (var (detail, fwd, status, ttl, stored, collapsed) in asked.Concat(asked))
        {
            Assert.Equal(
                $"CacheGateway; fwd={fwd}{(status is null ? "" : $"; fwd-status={status}")}{(stored ? "; stored" : "")}{(collapsed ? "; collapsed" : "")}{(ttl is null ? "" : $"; ttl={ttl}")}; detail={detail.Text()}",
                CacheStatusField.Forward(fwd, status, stored, collapsed, ttl, detail));
        }
    }

    [Theory]
    [Covers("RFC 9211 2.2", "the words of fwd")]
    [InlineData(Reason.Miss, "uri-miss")]
    [InlineData(Reason.VaryMiss, "vary-miss")]
    [InlineData(Reason.Expired, "stale")]
    [InlineData(Reason.RequestNoCache, "request")]
    [InlineData(Reason.PartialMiss, "partial")]
    [InlineData(Reason.MethodUnsafe, "method")]
    [InlineData(Reason.NoPolicy, "bypass")]
    public void Fwd_Reason_HasItsWord(Reason reason, string word) => Assert.Equal(word, CacheStatusField.Fwd(reason));

    [Fact]
    public void Fwd_EveryReason_HasAWordOfTheRegistry()
    {
        string[] registered = ["bypass", "method", "uri-miss", "vary-miss", "miss", "request", "stale", "partial"];
        Assert.All(Enum.GetValues<Reason>(), reason => Assert.Contains(CacheStatusField.Fwd(reason), registered));
        Assert.Throws<ArgumentOutOfRangeException>(() => CacheStatusField.Fwd((Reason)(-1)));
    }

    [Fact]
    public void Detail_EveryReason_IsAToken() =>
        Assert.All(Enum.GetValues<Reason>(), reason => Assert.True(Tokens.IsToken(reason.Text())));
}
