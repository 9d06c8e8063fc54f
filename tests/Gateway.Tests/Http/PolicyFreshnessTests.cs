using CacheGateway.Model;

namespace CacheGateway.Tests.Http;

public sealed class PolicyFreshnessTests
{
    private static readonly CachePolicy Minute = Given.Safe with { Heuristics = false, Transparent = false, Ttl = TimeSpan.FromMinutes(1) };

    [Theory]
    [InlineData(OriginFreshness.Fallback, "max-age=5", 5, FreshnessSource.MaxAge)]
    [InlineData(OriginFreshness.Fallback, "max-age=500", 500, FreshnessSource.MaxAge)]
    [InlineData(OriginFreshness.Fallback, "public", 60, FreshnessSource.PolicyFallback)]
    [InlineData(OriginFreshness.Respect, "max-age=5", 5, FreshnessSource.MaxAge)]
    [InlineData(OriginFreshness.Respect, "max-age=500", 60, FreshnessSource.MaxAge)]
    [InlineData(OriginFreshness.Respect, "public", 0, FreshnessSource.None)]
    [InlineData(OriginFreshness.Override, "max-age=5", 60, FreshnessSource.PolicyOverride)]
    [InlineData(OriginFreshness.Override, "max-age=500", 60, FreshnessSource.PolicyOverride)]
    [InlineData(OriginFreshness.Override, "public", 60, FreshnessSource.PolicyOverride)]
    public void Ttl_OriginRule_SaysWhatItMeans(OriginFreshness origin, string directives, long seconds, FreshnessSource source)
    {
        var freshness = Given.Freshness(Given.Response("Cache-Control: " + directives), Minute with { Origin = origin });
        Assert.Equal((seconds * 1000, source), (freshness.Lifetime, freshness.Source));
    }

    [Fact]
    public void Ttl_RespectWithHeuristics_CapsTheGuess()
    {
        var policy = Minute with { Origin = OriginFreshness.Respect, Heuristics = true };
        var freshness = Given.Freshness(Given.Response(Given.At("Last-Modified", -100_000), Given.At("Date", 0)), policy);
        Assert.Equal((60_000, FreshnessSource.Heuristic), (freshness.Lifetime, freshness.Source));
    }

    [Theory]
    [InlineData(200, true)]
    [InlineData(203, true)]
    [InlineData(204, true)]
    [InlineData(300, true)]
    [InlineData(301, true)]
    [InlineData(308, true)]
    [InlineData(404, true)]
    [InlineData(410, true)]
    [InlineData(201, false)]
    [InlineData(206, false)]
    [InlineData(302, false)]
    [InlineData(400, false)]
    [InlineData(401, false)]
    [InlineData(403, false)]
    [InlineData(500, false)]
    public void Ttl_Status_OnlyCacheableOnes(int status, bool covered)
    {
        foreach (var origin in new[] { OriginFreshness.Fallback, OriginFreshness.Override })
        {
            Assert.Equal(covered ? 60_000 : 0, Given.Freshness(Given.Response(status), Minute with { Origin = origin }).Lifetime);
        }
    }

    [Theory]
    [InlineData(OriginFreshness.Fallback, null, 5)]
    [InlineData(OriginFreshness.Respect, null, 5)]
    [InlineData(OriginFreshness.Override, null, 5)]
    [InlineData(OriginFreshness.Fallback, "max-age=30", 30)]
    [InlineData(OriginFreshness.Respect, "max-age=30", 5)]
    [InlineData(OriginFreshness.Override, "max-age=30", 5)]
    public void StatusTtl_NamedStatus_TakesThePlaceOfTtl(OriginFreshness origin, string? directives, long seconds)
    {
        var policy = Minute with { Origin = origin, StatusTtl = new Dictionary<int, TimeSpan> { [503] = TimeSpan.FromSeconds(5) } };
        Assert.Equal(seconds * 1000, Given.Freshness(Given.Response(503, "Cache-Control: " + directives), policy).Lifetime);
    }

    [Fact]
    public void Override_ReplacesTheLifetimeOnly()
    {
        var policy = Minute with { Origin = OriginFreshness.Override };
        Assert.True(Given.Freshness(Given.Response("Cache-Control: no-cache"), policy).AlwaysValidate);
        Assert.True(Given.Freshness(Given.Response("Cache-Control: must-revalidate"), policy).NeverStale);
        Assert.Equal(Reason.ResponseNoStore, Given.Verdict(Given.Response("Cache-Control: no-store"), policy).Reason);
        Assert.Equal(Reason.ResponsePrivate, Given.Verdict(Given.Response("Cache-Control: private"), policy).Reason);
        Assert.Equal(Reason.ResponseSetCookie, Given.Verdict(Given.Response("Set-Cookie: a=b"), policy).Reason);
        Assert.Equal(Reason.ResponseVaryStar, Given.Verdict(Given.Response("Vary: *"), policy).Reason);
    }

    [Fact]
    public void TtlZero_IsNotStored() =>
        Assert.Equal(Reason.ResponsePolicyTtlZero, Given.Verdict(Given.Response("ETag: \"a\""), Minute with { Ttl = TimeSpan.Zero }).Reason);

    [Fact]
    public void Jitter_TakesOffUpToItsPart()
    {
        var policy = Minute with { Jitter = 0.5 };
        Assert.Equal(60_000, Given.Freshness(Given.Response(), policy).Lifetime);
        Assert.Equal(45_000, Given.Freshness(Given.Response(), policy, jitterDraw: 0.5).Lifetime);
    }

    [Theory]
    [Covers("RFC 5861 3", "stale-while-revalidate: the origin's window, else the policy's; forbidden by must-revalidate and its kin")]
    [Covers("RFC 5861 4", "stale-if-error: the origin's window, else the policy's; forbidden by must-revalidate and its kin")]
    [InlineData("max-age=1", 30, 600)]
    [InlineData("max-age=1, stale-while-revalidate=5, stale-if-error=6", 5, 6)]
    [InlineData("max-age=1, stale-while-revalidate=0, stale-if-error=0", 0, 0)]
    [InlineData("max-age=1, must-revalidate, stale-while-revalidate=5, stale-if-error=6", 0, 0)]
    [InlineData("max-age=1, proxy-revalidate, stale-while-revalidate=5", 0, 0)]
    [InlineData("s-maxage=1, stale-while-revalidate=5", 0, 0)]
    [InlineData("max-age=1, no-cache, stale-if-error=5", 0, 0)]
    public void Windows_OriginGoesBeforePolicy(string directives, long revalidate, long error)
    {
        var policy = Minute with { StaleWhileRevalidate = TimeSpan.FromSeconds(30), StaleIfError = TimeSpan.FromMinutes(10) };
        var freshness = Given.Freshness(Given.Response("Cache-Control: " + directives), policy);
        Assert.Equal((revalidate * 1000, error * 1000), (freshness.StaleWhileRevalidate, freshness.StaleIfError));
    }

    [Fact]
    public void Windows_WithoutAnyLifetime_AreNotThePolicys()
    {
        var policy = Minute with { Ttl = null, StaleWhileRevalidate = TimeSpan.FromSeconds(30) };
        Assert.Equal(0, Given.Freshness(Given.Response("ETag: \"a\""), policy).StaleWhileRevalidate);
    }
}
