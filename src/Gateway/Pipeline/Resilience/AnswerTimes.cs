using CacheGateway.Model;

namespace CacheGateway.Pipeline.Resilience;

/// <summary>The time limits of one request to the origin.</summary>
/// <param name="FirstByte">Longest wait for the head of the answer.</param>
/// <param name="BetweenBytes">Longest silence inside its body.</param>
internal readonly record struct AnswerTimes(TimeSpan FirstByte, TimeSpan BetweenBytes)
{
    /// <summary>The policy's own limits, else those of the settings.</summary>
    public static AnswerTimes Of(CachePolicy? policy, OriginLimits limits) =>
        new(policy?.FirstByteTimeout ?? limits.FirstByte, policy?.BetweenBytesTimeout ?? limits.BetweenBytes);

    /// <summary>The longer of the two: less silence than that YARP itself must not object to where a request has content, and its limit holds.</summary>
    public TimeSpan Longest => FirstByte > BetweenBytes ? FirstByte : BetweenBytes;
}
