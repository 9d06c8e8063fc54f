using CacheGateway.Http;
using CacheGateway.Model;

namespace CacheGateway.Tests.Http;

[Covers("RFC 9110 13.2.2", "precedence of preconditions")]
public sealed class PreconditionsTests
{
    private static readonly StoredResponse Strong = Given.Stored(Given.Response("ETag: \"abc\"", Given.At("Last-Modified", -3000), Given.At("Date", 0)));
    private static readonly StoredResponse Weak = Given.Stored(Given.Response("ETag: W/\"abc\""));

    [Fact]
    public void Evaluate_NoCondition_Proceeds() => Assert.Equal(PreconditionOutcome.Proceed, Preconditions.Evaluate(default, Strong));

    [Theory]
    [Covers("RFC 9110 13.1.2", "If-None-Match: weak comparison, lists, *")]
    [InlineData("\"abc\"", true)]
    [InlineData("W/\"abc\"", true)]
    [InlineData("\"abc\", \"x\", \"y\"", true)]
    [InlineData("\"x\",\"abc\" , \"y\"", true)]
    [InlineData("\"x\", \"y\", W/\"abc\"", true)]
    [InlineData(" * ", true)]
    [InlineData("\"x\"", false)]
    [InlineData("\"x, \\\"abc\"", false)]
    [InlineData("\"a,bc\"", false)]
    [InlineData("\"ABC\"", false)]
    [InlineData("abc", false)]
    [InlineData("w/\"abc\"", false)]
    [InlineData("", false)]
    [InlineData("\"abc", false)]
    public void IfNoneMatch_Tags_AreComparedWeakly(string tags, bool matches)
    {
        var expected = matches ? PreconditionOutcome.NotModified : PreconditionOutcome.Proceed;
        Assert.Equal(expected, Preconditions.Evaluate(new RequestFacts { IfNoneMatch = tags }, Strong));
        Assert.Equal(expected, Preconditions.Evaluate(new RequestFacts { IfNoneMatch = tags }, Weak));
    }

    [Fact]
    public void IfNoneMatch_StoredWithoutTag_MatchesOnlyTheStar()
    {
        var stored = Given.Stored(Given.Response());
        Assert.Equal(PreconditionOutcome.Proceed, Preconditions.Evaluate(new RequestFacts { IfNoneMatch = "\"\", W/, W/\"\"" }, stored));
        Assert.Equal(PreconditionOutcome.NotModified, Preconditions.Evaluate(new RequestFacts { IfNoneMatch = "*" }, stored));
    }

    [Fact]
    public void IfNoneMatch_TagWithComma_IsOneTag()
    {
        var stored = Given.Stored(Given.Response("ETag: \"a,b\""));
        Assert.Equal(PreconditionOutcome.NotModified, Preconditions.Evaluate(new RequestFacts { IfNoneMatch = "\"x\", \"a,b\"" }, stored));
    }

    [Theory]
    [Covers("RFC 9110 13.1.3", "If-Modified-Since, with exact and later dates")]
    [Covers("RFC 9111 4.3.2", "Date stands in for a missing Last-Modified")]
    [InlineData(-3000, -3000, true)]
    [InlineData(-3000, -2000, true)]
    [InlineData(-3000, -4000, false)]
    [InlineData(null, -3000, false)]
    [InlineData(null, 0, true)]
    public void IfModifiedSince_Date_IsCompared(int? modified, int since, bool current)
    {
        string[] lines = modified is { } offset ? [Given.At("Last-Modified", offset), Given.At("Date", 0)] : [Given.At("Date", 0)];
        var request = new RequestFacts { IfModifiedSince = HttpDate.Format(Given.Wall.AddSeconds(since)) };
        Assert.Equal(current ? PreconditionOutcome.NotModified : PreconditionOutcome.Proceed, Preconditions.Evaluate(request, Given.Stored(Given.Response(lines))));
    }

    [Fact]
    public void IfModifiedSince_ObsoleteForm_IsADate()
    {
        var stored = Given.Stored(Given.Response("Last-Modified: Sun, 06 Nov 1994 08:49:37 GMT"));
        Assert.Equal(PreconditionOutcome.NotModified, Preconditions.Evaluate(new RequestFacts { IfModifiedSince = "Sunday, 06-Nov-94 08:49:37 GMT" }, stored));
        Assert.Equal(PreconditionOutcome.Proceed, Preconditions.Evaluate(new RequestFacts { IfModifiedSince = "yesterday" }, stored));
    }

    [Fact]
    public void IfNoneMatch_BesideIfModifiedSince_Decides()
    {
        var late = HttpDate.Format(Given.Wall);
        var early = HttpDate.Format(Given.Wall.AddSeconds(-9000));
        Assert.Equal(PreconditionOutcome.NotModified, Preconditions.Evaluate(new RequestFacts { IfNoneMatch = "\"abc\"", IfModifiedSince = early }, Strong));
        Assert.Equal(PreconditionOutcome.Proceed, Preconditions.Evaluate(new RequestFacts { IfNoneMatch = "\"x\"", IfModifiedSince = late }, Strong));
    }

    [Fact]
    [Covers("RFC 9110 13.1.1", "If-Match: strong comparison")]
    [Covers("RFC 9110 13.1.4", "If-Unmodified-Since, only without If-Match")]
    public void IfMatchAndIfUnmodifiedSince_Failing_Fail()
    {
        var late = HttpDate.Format(Given.Wall);
        var early = HttpDate.Format(Given.Wall.AddSeconds(-9000));
        Assert.Equal(PreconditionOutcome.Proceed, Preconditions.Evaluate(new RequestFacts { IfMatch = "\"x\", \"abc\"", IfUnmodifiedSince = early }, Strong));
        Assert.Equal(PreconditionOutcome.Proceed, Preconditions.Evaluate(new RequestFacts { IfMatch = "*" }, Weak));
        Assert.Equal(PreconditionOutcome.Failed, Preconditions.Evaluate(new RequestFacts { IfMatch = "W/\"abc\"" }, Weak));
        Assert.Equal(PreconditionOutcome.Failed, Preconditions.Evaluate(new RequestFacts { IfMatch = "\"x\"", IfNoneMatch = "\"abc\"" }, Strong));
        Assert.Equal(PreconditionOutcome.Failed, Preconditions.Evaluate(new RequestFacts { IfUnmodifiedSince = early }, Strong));
        Assert.Equal(PreconditionOutcome.Proceed, Preconditions.Evaluate(new RequestFacts { IfUnmodifiedSince = late }, Strong));
        Assert.Equal(PreconditionOutcome.NotModified, Preconditions.Evaluate(new RequestFacts { IfUnmodifiedSince = "x", IfNoneMatch = "\"abc\"" }, Strong));
    }

    [Fact]
    [Covers("RFC 9110 13.2.1", "preconditions count only where the answer would be a success")]
    public void Evaluate_StoredError_IgnoresConditions() =>
        Assert.Equal(PreconditionOutcome.Proceed, Preconditions.Evaluate(new RequestFacts { IfNoneMatch = "*" }, Given.Stored(Given.Response(404, "ETag: \"abc\""))));
}
