using CacheGateway.Model;
using CacheGateway.Pipeline.Resilience;

namespace CacheGateway.Tests.Pipeline.Resilience;

public sealed class OriginFailureTests
{
    [Theory]
    [InlineData(502, null, 502, Reason.OriginUnreachable)]
    [InlineData(500, null, 502, Reason.OriginUnreachable)]
    [InlineData(504, null, 504, Reason.OriginTimeout)]
    [InlineData(503, null, 503, Reason.OriginDown)]
    [InlineData(503, Reason.OriginBusy, 503, Reason.OriginBusy)]
    public void Failure_SaysWhatHappened(int seen, Reason? refusal, int status, Reason reason) =>
        Assert.Equal((status, reason), OriginFailure.Of(seen, refusal, isMalformed: false));

    [Theory]
    [InlineData(502, null, 502, Reason.OriginFailed)]
    [InlineData(503, Reason.OriginBusy, 503, Reason.OriginBusy)]
    public void AnswerThatIsNone_IsNoSilence(int seen, Reason? refusal, int status, Reason reason) =>
        Assert.Equal((status, reason), OriginFailure.Of(seen, refusal, isMalformed: true));

    [Theory]
    [InlineData(Reason.OriginUnreachable, true)]
    [InlineData(Reason.OriginTimeout, true)]
    [InlineData(Reason.OriginBusy, true)]
    [InlineData(Reason.OriginDown, true)]
    [InlineData(Reason.OriginTruncated, true)]
    [InlineData(Reason.OriginFailed, false)]
    [InlineData(Reason.OriginChanged, false)]
    public void Disconnected_IsWhereNoAnswerCame(Reason reason, bool isSo) => Assert.Equal(isSo, OriginFailure.IsDisconnected(reason));

    [Theory]
    [InlineData(Reason.OriginUnreachable, true)]
    [InlineData(Reason.OriginTimeout, true)]
    [InlineData(Reason.OriginBusy, true)]
    [InlineData(Reason.OriginDown, true)]
    [InlineData(Reason.OriginTruncated, false)]
    [InlineData(Reason.OriginFailed, false)]
    public void NobodyAnswered_IsAFailureOfAll_ABrokenAnswerIsNot(Reason reason, bool shared) => Assert.Equal(shared, OriginFailure.IsShared(reason));
}
