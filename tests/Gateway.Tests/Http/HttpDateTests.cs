using CacheGateway.Http;

namespace CacheGateway.Tests.Http;

[Covers("RFC 9110 5.6.7", "date formats: the fixed one, the two obsolete ones, nothing else")]
public sealed class HttpDateTests
{
    private static readonly DateTimeOffset Example = new(1994, 11, 6, 8, 49, 37, TimeSpan.Zero);

    [Theory]
    [InlineData("Sun, 06 Nov 1994 08:49:37 GMT")]
    [InlineData("Sunday, 06-Nov-94 08:49:37 GMT")]
    [InlineData("Sun Nov  6 08:49:37 1994")]
    [InlineData("sUN, 06 nOV 1994 08:49:37 gmt")]
    [InlineData("  Sun, 06 Nov 1994 08:49:37 GMT ")]
    public void Parse_EveryFormOfOneDate_GivesThatDate(string text) => Assert.Equal(Example, HttpDate.Parse(text));

    [Theory]
    [InlineData("Tue Aug 16 02:01:18 2050", 2050)]
    [InlineData("Tuesday, 16-Aug-50 02:01:18 GMT", 2050)]
    [InlineData("Friday, 16-Aug-96 02:01:18 GMT", 1996)]
    [InlineData("Mon, 16 Aug 2050 02:01:18 GMT", 2050)]
    public void Parse_TwoDigitsOrWrongWeekday_GivesYear(string text, int year) => Assert.Equal(year, HttpDate.Parse(text)?.Year);

    [Fact]
    public void Parse_LeapSecond_IsTheSecondBefore() => Assert.Equal(59, HttpDate.Parse("Sat, 31 Dec 2016 23:59:60 GMT")?.Second);

    [Theory]
    [InlineData("")]
    [InlineData("0")]
    [InlineData("-1")]
    [InlineData("tomorrow")]
    [InlineData("Sun, 06 Nov 1994 08:49:37 UTC")]
    [InlineData("Sun, 06 Nov 1994 08:49:37 +0000")]
    [InlineData("Sun, 06 Nov 1994 08:49:37 AEST")]
    [InlineData("Sun, 06 Nov 94 08:49:37 GMT")]
    [InlineData("Sun 06 Nov 1994 08:49:37 GMT")]
    [InlineData("Sun, 06  Nov 1994 08:49:37 GMT")]
    [InlineData("Sun,  06 Nov 1994 08:49:37 GMT")]
    [InlineData("Sun, 06-Nov-1994 08:49:37 GMT")]
    [InlineData("Sun, 06 Nov 1994 08.49.37 GMT")]
    [InlineData("Sun, 06 Nov 1994 8:49:37 GMT")]
    [InlineData("Sun, 6 Nov 1994 08:49:37 GMT")]
    [InlineData("Sun, 31 Feb 1994 08:49:37 GMT")]
    [InlineData("Sun, 06 Nov 1994 24:00:00 GMT")]
    [InlineData("Sun, 06 Nov 0000 08:49:37 GMT")]
    [InlineData("Xyz, 06 Nov 1994 08:49:37 GMT")]
    [InlineData("Sun, 06 Nov 1994 08:49:37")]
    [InlineData("1994-11-06T08:49:37Z")]
    public void Parse_AnythingElse_IsNoDate(string text) => Assert.Null(HttpDate.Parse(text));

    [Fact]
    public void Format_Date_IsFixdate() => Assert.Equal("Sun, 06 Nov 1994 08:49:37 GMT", HttpDate.Format(Example));
}
