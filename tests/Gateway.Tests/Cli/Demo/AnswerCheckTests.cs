using System.Text;
using CacheGateway.Cli.Demo;

namespace CacheGateway.Tests.Cli.Demo;

public sealed class AnswerCheckTests
{
    private readonly AcknowledgedWrites _writes = new();

    [Theory]
    [InlineData("""{"version":5,"user":"alice"}""", AnswerVerdict.Right)]
    [InlineData("""{"version":6,"user":"alice"}""", AnswerVerdict.Right)]
    [InlineData("""{"version":4,"user":"alice"}""", AnswerVerdict.Stale)]
    [InlineData("""{"version":9,"user":"bob"}""", AnswerVerdict.Foreign)]
    [InlineData("""{"version":9}""", AnswerVerdict.Foreign)]
    [InlineData("""{"user":"alice"}""", AnswerVerdict.Failed)]
    [InlineData("""{"version":"x","user":"alice"}""", AnswerVerdict.Failed)]
    [InlineData("""{"version":9,"user":"ali""", AnswerVerdict.Failed)]
    [InlineData("[]", AnswerVerdict.Failed)]
    internal void Judge_OwnAnswerAfterAWrite_NeedsTheUserAndTheVersion(string body, AnswerVerdict expected)
    {
        _writes.Add(["leads"], 5, at: 10);

        Assert.Equal(expected, Judge(new DemoRead("/mine") { Scopes = ["leads"], Echo = [("user", "alice")] }, body));
    }

    [Theory]
    [InlineData(3, AnswerVerdict.Stale)]
    [InlineData(4, AnswerVerdict.Right)]
    internal void Judge_ScopeThatTheAnswerNames_IsHeldAgainstItToo(int version, AnswerVerdict expected)
    {
        _writes.Add(["category:8"], 4, at: 10);
        var product = new DemoRead("/products/1") { Scopes = ["product:1"], InnerScope = ("categoryId", "category:") };

        Assert.Equal(expected, Judge(product, $$"""{"version":{{version}},"categoryId":8}"""));
    }

    [Fact]
    public void Judge_NumberInTheEcho_IsComparedAsWritten() =>
        Assert.Equal(AnswerVerdict.Foreign, Judge(new DemoRead("/x?page=1") { Echo = [("page", "1")] }, """{"version":1,"page":11}"""));

    [Fact]
    public void Judge_AnError_HasFailed() =>
        Assert.Equal(AnswerVerdict.Failed, AnswerCheck.Judge(new DemoRead("/x"), 502, Bytes("""{"version":1}"""), 20, _writes));

    private AnswerVerdict Judge(DemoRead read, string body) => AnswerCheck.Judge(read, 200, Bytes(body), sentAt: 20, _writes);

    private static byte[] Bytes(string text) => Encoding.UTF8.GetBytes(text);
}
