using CacheGateway.Pipeline;

namespace CacheGateway.Tests.Pipeline;

public sealed class CacheGroupsTests
{
    [Theory]
    [Covers("RFC 9875 2", "a list of strings, read as a structured field (RFC 9651 4.2.1)")]
    [InlineData("\"a\"", "a")]
    [InlineData("\"a\",\t\"b c\" , \"d\"", "a|b c|d")]
    [InlineData("\"a\";x;note=\"b\", \"c\"", "a|c")]
    [InlineData("\"a\\\"b\\\\c\"", "a\"b\\c")]
    [InlineData("\"a\", \"\", \"b\"", "a|b")]
    [InlineData("\"a\", token, 1, ?1, (\"in\" \"ner\");p=\"q\", \"b\"", "a|b")]
    [InlineData("", "")]
    [InlineData("a\"b\"", "")]
    [InlineData("\"a\",", "")]
    [InlineData("\"a\" \"b\"", "")]
    [InlineData("\"a\", \"b", "")]
    [InlineData("\"a\\b\"", "")]
    [InlineData("\"ä\"", "")]
    [InlineData("key=\"a\"", "")]
    public void Parse_List_GivesItsStrings(string value, string groups) => Assert.Equal(groups, string.Join('|', CacheGroups.Parse(value)));
}
