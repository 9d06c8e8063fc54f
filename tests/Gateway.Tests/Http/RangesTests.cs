using CacheGateway.Http;
using CacheGateway.Model;

namespace CacheGateway.Tests.Http;

[Covers("RFC 9110 14.2", "one range of a stored response")]
public sealed class RangesTests
{
    private static readonly StoredResponse Ten =
        Given.Stored(Given.Response("ETag: \"abc\"", Given.At("Last-Modified", -3000), Given.At("Date", 0)), body: "0123456789");

    private static readonly StoredResponse Part = Given.Stored(Given.Response(206, "Content-Range: bytes 4-8/10"), body: "45678");

    [Theory]
    [Covers("RFC 9110 14.1.2", "byte ranges: first, open, suffix, clipped")]
    [InlineData("bytes=0-1", 0, 1)]
    [InlineData("Bytes=0-0", 0, 0)]
    [InlineData("bytes=1-", 1, 9)]
    [InlineData("bytes=-1", 9, 9)]
    [InlineData("bytes=-99", 0, 9)]
    [InlineData("bytes=5-99", 5, 9)]
    [InlineData("bytes= 2-3 ,", 2, 3)]
    [InlineData("bytes=0-9223372036854775807", 0, 9)]
    public void Evaluate_Satisfiable_IsPartial(string range, long first, long last)
    {
        Assert.Equal(RangeOutcome.Partial, Ranges.Evaluate(range, null, Ten, out var selected));
        Assert.Equal(new ByteRange(first, last), selected);
        Assert.Equal(last - first + 1, selected.Length);
    }

    [Theory]
    [InlineData("bytes=10-")]
    [InlineData("bytes=10-11")]
    [InlineData("bytes=-0")]
    public void Evaluate_BeyondTheEnd_IsUnsatisfiable(string range) =>
        Assert.Equal(RangeOutcome.Unsatisfiable, Ranges.Evaluate(range, null, Ten, out _));

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("bytes")]
    [InlineData("bytes=")]
    [InlineData("bytes=-")]
    [InlineData("bytes=a-b")]
    [InlineData("bytes=5-4")]
    [InlineData("bytes=1-2,4-5")]
    [InlineData("lines=0-1")]
    [InlineData("bytes=0-99999999999999999999")]
    [InlineData("bytes=--1")]
    [InlineData("bytes=+1-2")]
    public void Evaluate_SeveralOrInvalid_IsWhole(string? range) => Assert.Equal(RangeOutcome.Whole, Ranges.Evaluate(range, null, Ten, out _));

    [Theory]
    [Covers("RFC 9110 13.1.5", "If-Range: a strong tag, or the exact date")]
    [InlineData("\"abc\"", true)]
    [InlineData("\"x\"", false)]
    [InlineData("W/\"abc\"", false)]
    [InlineData("nonsense", false)]
    public void Evaluate_IfRangeTag_DecidesWholeOrPart(string ifRange, bool part) =>
        Assert.Equal(part ? RangeOutcome.Partial : RangeOutcome.Whole, Ranges.Evaluate("bytes=0-1", ifRange, Ten, out _));

    [Theory]
    [InlineData(-3000, -3000, true)]
    [InlineData(-3000, -2000, false)]
    [InlineData(0, 0, false)]
    public void Evaluate_IfRangeDate_MustBeExactAndStrong(int modified, int ifRange, bool part)
    {
        var stored = Given.Stored(Given.Response(Given.At("Last-Modified", modified), Given.At("Date", 0)));
        var outcome = Ranges.Evaluate("bytes=0-1", HttpDate.Format(Given.Wall.AddSeconds(ifRange)), stored, out _);
        Assert.Equal(part ? RangeOutcome.Partial : RangeOutcome.Whole, outcome);
    }

    [Fact]
    public void Evaluate_OtherStatusOrEmptyBody_HasNoPart()
    {
        Assert.Equal(RangeOutcome.Whole, Ranges.Evaluate("bytes=0-1", null, Given.Stored(Given.Response(404)), out _));
        Assert.Equal(RangeOutcome.Unsatisfiable, Ranges.Evaluate("bytes=0-1", null, Given.Stored(Given.Response(), body: ""), out _));
        Assert.Equal(RangeOutcome.Whole, Ranges.Evaluate("bytes=-5", null, Given.Stored(Given.Response(), body: ""), out _));
    }

    [Theory]
    [Covers("RFC 9111 3.3", "a stored part gives the ranges within it")]
    [InlineData("bytes=4-8", 4, 8)]
    [InlineData("bytes=6-7", 6, 7)]
    public void Evaluate_WithinThePart_IsPartial(string range, long first, long last)
    {
        Assert.Equal(RangeOutcome.Partial, Ranges.Evaluate(range, null, Part, out var selected));
        Assert.Equal(new ByteRange(first, last), selected);
    }

    [Theory]
    [InlineData("bytes=3-5")]
    [InlineData("bytes=5-")]
    [InlineData("bytes=-5")]
    [InlineData("bytes=-7")]
    [InlineData("bytes=0-1")]
    public void Evaluate_OutsideThePart_IsNotHeld(string range) => Assert.NotEqual(RangeOutcome.Partial, Ranges.Evaluate(range, null, Part, out _));

    [Fact]
    public void Evaluate_PartAtTheEnd_HoldsSuffixAndOpenRange()
    {
        var end = Given.Stored(Given.Response(206, "Content-Range: bytes 5-9/10"), body: "56789");
        Assert.Equal(RangeOutcome.Partial, Ranges.Evaluate("bytes=-1", null, end, out var suffix));
        Assert.Equal(new ByteRange(9, 9), suffix);
        Assert.Equal(RangeOutcome.Partial, Ranges.Evaluate("bytes=6-", null, end, out var open));
        Assert.Equal(new ByteRange(6, 9), open);
    }

    [Fact]
    public void Evaluate_PartOfUnknownLength_NeedsBothEnds()
    {
        var part = Given.Stored(Given.Response(206, "Content-Range: bytes 4-8/*"), body: "45678");
        Assert.Equal(RangeOutcome.Partial, Ranges.Evaluate("bytes=5-8", null, part, out _));
        Assert.Equal(RangeOutcome.Whole, Ranges.Evaluate("bytes=5-", null, part, out _));
        Assert.Equal(RangeOutcome.Whole, Ranges.Evaluate("bytes=-2", null, part, out _));
        Assert.Equal(RangeOutcome.Whole, Ranges.Evaluate("bytes=5-9", null, part, out _));
    }
}
