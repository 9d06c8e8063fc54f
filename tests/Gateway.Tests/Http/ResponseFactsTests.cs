using CacheGateway.Http;
using CacheGateway.Model;

namespace CacheGateway.Tests.Http;

public sealed class ResponseFactsTests
{
    [Theory]
    [Covers("RFC 9111 5.1", "Age: the first value counts, an invalid one is ignored")]
    [InlineData(0, "abc")]
    [InlineData(0, "-7200")]
    [InlineData(0, "7200.0")]
    [InlineData(0, "7200;a=b")]
    [InlineData(0, "")]
    [InlineData(7200, "7200")]
    [InlineData(7200, " 7200 , 0")]
    [InlineData(0, "0, 7200")]
    [InlineData(0, "x, 7200")]
    [InlineData(7200, "7200", "0")]
    [InlineData(0, "0", "7200")]
    [InlineData(2147483647, "2147483647")]
    [InlineData(2147483648, "2147483648")]
    [InlineData(2147483648, "2147483649")]
    [InlineData(2147483648, "99999999999999999999")]
    public void Age_Lines_GiveSeconds(long seconds, params string[] lines) =>
        Assert.Equal(seconds, Given.Response(Array.ConvertAll(lines, line => "Age: " + line)).AgeSeconds);

    [Theory]
    [Covers("RFC 9111 5.3", "Expires: an invalid date, or several lines, mean already expired")]
    [InlineData("0")]
    [InlineData("")]
    [InlineData("Thu, 18 Aug 2050 02:01:18 UTC")]
    [InlineData("Thu, 18 Aug 2050 02:01:18 GMT", "Thu, 18 Aug 2050 02:01:19 GMT")]
    public void Expires_Invalid_IsPresentWithoutDate(params string[] lines)
    {
        var facts = Given.Response(Array.ConvertAll(lines, line => "Expires: " + line));
        Assert.True(facts.HasExpires);
        Assert.Null(facts.Expires);
    }

    [Theory]
    [Covers("RFC 9111 4.1", "Vary with the member *, in every position")]
    [InlineData("*")]
    [InlineData("*, *")]
    [InlineData("*", "*")]
    [InlineData(", *")]
    [InlineData("", "*")]
    [InlineData("*, Foo")]
    [InlineData("Foo, *")]
    [InlineData("Foo", "Bar , *")]
    [InlineData("Foo Bar")]
    public void Vary_StarOrNoFieldName_IsStar(params string[] lines) =>
        Assert.True(Given.Response(Array.ConvertAll(lines, line => "Vary: " + line)).VaryStar);

    [Fact]
    public void Vary_SeveralLines_GiveEachNameOnce()
    {
        var facts = Given.Response("Vary: Foo, bar", "vary: FOO,,Baz ");
        Assert.False(facts.VaryStar);
        Assert.Equal(["Foo", "bar", "Baz"], facts.VaryNames);
    }

    [Theory]
    [Covers("RFC 9110 14.4", "Content-Range of one part")]
    [InlineData("bytes 4-9/10", 4, 9, 10L)]
    [InlineData("BYTES 4-9/*", 4, 9, null)]
    public void Range_Valid_IsRead(string value, long first, long last, long? total) =>
        Assert.Equal(new PartialContent(first, last, total), Given.Response(206, "Content-Range: " + value).Range);

    [Theory]
    [InlineData("bytes 9-4/10")]
    [InlineData("bytes 4-10/10")]
    [InlineData("bytes */10")]
    [InlineData("bytes 4-9")]
    [InlineData("bytes -9/10")]
    [InlineData("bytes 4-9/x")]
    [InlineData("lines 4-9/10")]
    [InlineData("bytes 4/9-10")]
    [InlineData("bytes 99999999999999999999-1/2")]
    public void Range_Invalid_IsNone(string value) => Assert.Null(Given.Response(206, "Content-Range: " + value).Range);

    [Fact]
    public void Range_OutsideA206_MeansNothing() => Assert.Null(Given.Response(200, "Content-Range: bytes 4-9/10").Range);

    [Fact]
    public void Singles_ContradictingLines_AreAbsent()
    {
        var facts = Given.Response("ETag: \"a\"", "ETag: \"b\"", "Content-Length: 1", "Content-Length: 2", "Date: x", "Last-Modified: y");
        Assert.Null(facts.ETag);
        Assert.Null(facts.ContentLength);
        Assert.Null(facts.Date);
        Assert.Null(facts.LastModified);
    }

    /// <summary>Whoever keeps those fields alone has the response judged the same.</summary>
    [Fact]
    public void FieldsRead_AreAllThatIsRead()
    {
        var source = Architecture.SourceFile.In("Gateway").Single(file => file.Path == "Gateway/Http/ResponseFacts.cs").Code;
        var read = System.Text.RegularExpressions.Regex.Matches(source, "field\\.Is\\(\"([^\"]+)\"\\)").Select(match => match.Groups[1].Value);

        Assert.Equal(read.Order(StringComparer.Ordinal), ResponseFacts.FieldsRead.Order(StringComparer.Ordinal));
    }
}
