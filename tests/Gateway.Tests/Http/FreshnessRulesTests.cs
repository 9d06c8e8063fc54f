using CacheGateway.Model;

namespace CacheGateway.Tests.Http;

public sealed class FreshnessRulesTests
{
    [Theory]
    [Covers("RFC 9111 4.2.1", "freshness lifetime: s-maxage, max-age, Expires minus Date, in this order")]
    [InlineData(FreshnessSource.SMaxAge, 3600, "Cache-Control: max-age=1, s-maxage=3600")]
    [InlineData(FreshnessSource.SMaxAge, 1, "Cache-Control: s-maxage=1", "Cache-Control: max-age=3600")]
    [InlineData(FreshnessSource.SMaxAge, 3600, "Cache-Control: max-age=0, s-maxage=3600", "Expires: 0")]
    [InlineData(FreshnessSource.MaxAge, 3600, "Cache-Control: max-age=3600", "Expires: 0")]
    [InlineData(FreshnessSource.MaxAge, 0, "Cache-Control: max-age=0", "Expires: Tue, 19 Jan 2038 14:14:08 GMT")]
    [InlineData(FreshnessSource.Expires, 0, "Expires: 0")]
    [InlineData(FreshnessSource.None, 0, "X: y")]
    public void Lifetime_Explicit_FollowsTheOrder(FreshnessSource source, long seconds, params string[] lines)
    {
        var freshness = Given.Freshness(Given.Response(lines), Given.Rfc9111);
        Assert.Equal((source, seconds * 1000), (freshness.Source, freshness.Lifetime));
    }

    [Theory]
    [Covers("RFC 9111 5.3", "Expires counts from Date, else from receipt")]
    [InlineData(0, 30, 30)]
    [InlineData(0, 0, 0)]
    [InlineData(0, -30, 0)]
    [InlineData(400, 300, 0)]
    [InlineData(-10, 10, 20)]
    [InlineData(10, 20, 10)]
    [InlineData(null, 10, 10)]
    public void Lifetime_Expires_IsTheDifference(int? date, int expires, long seconds)
    {
        var dateLine = date is { } offset ? Given.At("Date", offset) : "Date: foo";
        Assert.Equal(seconds * 1000, Given.Freshness(Given.Response(dateLine, Given.At("Expires", expires)), Given.Rfc9111).Lifetime);
    }

    [Theory]
    [InlineData("Sun, 21 Nov 2286 04:46:39 GMT")]
    [InlineData("Tue, 19 Jan 2038 14:14:08 GMT")]
    [InlineData("Thursday, 18-Aug-50 02:01:18 GMT")]
    [InlineData("Thu Aug  8 02:01:18 2050")]
    public void Lifetime_ExpiresFarAway_IsFresh(string expires) =>
        Assert.True(Given.Freshness(Given.Response("Expires: " + expires, Given.At("Date", 0)), Given.Rfc9111).IsFreshAt(Given.Received.Monotonic));

    [Theory]
    [Covers("RFC 9111 4.2.3", "age: the larger of Date's and Age's account, with the response delay")]
    [InlineData(0, 0, 0, 0)]
    [InlineData(-7200, 0, 0, 7200)]
    [InlineData(500, 0, 0, 0)]
    [InlineData(0, 30, 0, 30)]
    [InlineData(-10, 25, 0, 25)]
    [InlineData(0, 30, 4, 34)]
    [InlineData(0, 0, 4, 4)]
    [InlineData(-40, 30, 4, 40)]
    public void InitialAge_DateAgeAndDelay_Combine(int date, int age, int delay, long seconds)
    {
        var response = Given.Response(Given.At("Date", date), $"Age: {age}", "Cache-Control: max-age=3600");
        Assert.Equal(seconds * 1000, Given.Freshness(response, Given.Rfc9111, delay: delay * 1000).InitialAge);
    }

    [Fact]
    public void InitialAge_NoDate_IsZero() => Assert.Equal(0, Given.Freshness(Given.Response("Date: x"), Given.Rfc9111).InitialAge);

    [Fact]
    public void InitialAge_PartOfASecond_IsNoAge()
    {
        var received = Given.Received with { Wall = Given.Wall.AddMilliseconds(999) };
        var response = Given.Response(Given.At("Date", 0));
        Assert.Equal(0, CacheGateway.Http.FreshnessRules.Compute(response, Given.Rfc9111, Given.Received, received, 0).InitialAge);
    }

    [Theory]
    [Covers("RFC 9111 4.2.2", "heuristic freshness: a tenth of the time since Last-Modified, statuses, public")]
    [InlineData(200, true)]
    [InlineData(201, false)]
    [InlineData(202, false)]
    [InlineData(203, true)]
    [InlineData(204, true)]
    [InlineData(300, true)]
    [InlineData(301, true)]
    [InlineData(302, false)]
    [InlineData(308, true)]
    [InlineData(403, false)]
    [InlineData(404, true)]
    [InlineData(405, true)]
    [InlineData(410, true)]
    [InlineData(414, true)]
    [InlineData(501, true)]
    [InlineData(502, false)]
    [InlineData(503, false)]
    [InlineData(504, false)]
    [InlineData(599, false)]
    public void Heuristic_Status_DecidesInRfc9111(int status, bool guessed)
    {
        var response = Given.Response(status, Given.At("Last-Modified", -24 * 3600), Given.At("Date", 0));
        Assert.Equal(guessed ? 8_640_000 : 0, Given.Freshness(response, Given.Rfc9111).Lifetime);
    }

    [Fact]
    public void Heuristic_Public_AllowsOtherStatusesInRfc9111Only()
    {
        var response = Given.Response(599, Given.At("Last-Modified", -1000), Given.At("Date", 0), "Cache-Control: public");
        Assert.Equal(100_000, Given.Freshness(response, Given.Rfc9111).Lifetime);
        Assert.Equal(0, Given.Freshness(response, Given.Safe).Lifetime);
    }

    [Fact]
    public void Heuristic_Cap_IsTheProfiles()
    {
        var old = Given.Response(Given.At("Last-Modified", -100L * 24 * 3600), Given.At("Date", 0));
        Assert.Equal(24 * 3600_000, Given.Freshness(old, Given.Rfc9111).Lifetime);
        Assert.Equal(600_000, Given.Freshness(old, Given.Safe).Lifetime);
        Assert.Equal(0, Given.Freshness(Given.Response(405, Given.At("Last-Modified", -100000)), Given.Safe).Lifetime);
    }

    [Fact]
    public void Heuristic_NotAllowedOrModifiedInTheFuture_IsNone()
    {
        var old = Given.Response(Given.At("Last-Modified", -1000), Given.At("Date", 0));
        Assert.Equal(FreshnessSource.None, Given.Freshness(old, Given.Rfc9111 with { Heuristics = false }).Source);
        Assert.Equal(0, Given.Freshness(Given.Response(Given.At("Last-Modified", 1000), Given.At("Date", 0)), Given.Rfc9111).Lifetime);
    }

    [Fact]
    public void AgeAt_Later_CountsTimeHere()
    {
        var freshness = Given.Freshness(Given.Response("Cache-Control: max-age=60", "Age: 30"), Given.Rfc9111);
        Assert.Equal(40_000, freshness.AgeAt(Given.Received.Monotonic + 10_000));
        Assert.True(freshness.IsFreshAt(Given.Received.Monotonic + 29_999));
        Assert.False(freshness.IsFreshAt(Given.Received.Monotonic + 30_000));
    }
}
