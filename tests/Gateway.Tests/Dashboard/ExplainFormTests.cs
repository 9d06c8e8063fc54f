using CacheGateway.Dashboard.Forms;

namespace CacheGateway.Tests.Dashboard;

public sealed class ExplainFormTests
{
    [Theory]
    [InlineData("199", false)]
    [InlineData("200", true)]
    [InlineData("599", true)]
    [InlineData("600", false)]
    [InlineData("x", false)]
    public void Status_IsThatOfAnAnswerThatCanBeJudged(string status, bool isTaken)
    {
        var question = new ExplainForm("/x", "GET", "", status, "").Question(out var error);

        Assert.Equal(isTaken, question is not null);
        Assert.Equal(isTaken ? null : $"The status \"{status}\" must be a number from 200 to 599.", error);
    }
}
