using CacheGateway.Http;
using CacheGateway.Model;

namespace CacheGateway.Tests.Http;

public sealed class CodedRepresentationTests
{
    [Theory]
    [InlineData(null, true)]
    [InlineData("Origin", true)]
    [InlineData("X-Accept-Encoding", true)]
    [InlineData("Accept-Encoding-X, Origin", true)]
    [InlineData("Origin, accept-encoding", false)]
    [InlineData("*", false)]
    public void AnswerThatIsCodedHere_VariesOnAcceptEncoding(string? vary, bool isAdded)
    {
        HeaderField[] fields = vary is null ? [] : [new("Vary", vary)];

        Assert.Equal(isAdded ? [.. fields, new HeaderField("Vary", "Accept-Encoding")] : fields, CodedRepresentation.WithVary(fields));
    }

    [Theory]
    [InlineData("Digest")]
    [InlineData("Repr-Digest")]
    [InlineData("Content-Digest")]
    [InlineData("Content-MD5")]
    [InlineData("Content-Length")]
    public void WhatIsSaidOfOtherBytes_IsNotSaidOfACoding(string name) =>
        Assert.DoesNotContain(CodedRepresentation.HeadersFor([new HeaderField(name, "x"), new HeaderField("A", "b")], "gzip", null), field => field.Is(name));
}
