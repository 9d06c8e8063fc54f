using CacheGateway.Diagnostics.Traffic;
using CacheGateway.Model;

namespace CacheGateway.Pipeline.Resilience;

/// <summary>What the gateway says where the origin gave no answer.</summary>
internal static class OriginFailure
{
    /// <param name="status">What YARP or the guard set.</param>
    /// <param name="refusal">Why the guard did not ask the origin, or null.</param>
    /// <param name="isMalformed">An answer came that is none.</param>
    public static (int Status, Reason Reason) Of(int status, Reason? refusal, bool isMalformed) => (status, refusal) switch
    {
        (_, { } reason) => (StatusCodes.Status503ServiceUnavailable, reason),
        _ when isMalformed => (StatusCodes.Status502BadGateway, Reason.OriginFailed),
        (StatusCodes.Status504GatewayTimeout, _) => (StatusCodes.Status504GatewayTimeout, Reason.OriginTimeout),
        (StatusCodes.Status503ServiceUnavailable, _) => (StatusCodes.Status503ServiceUnavailable, Reason.OriginDown),
        _ => (StatusCodes.Status502BadGateway, Reason.OriginUnreachable),
    };

    /// <summary>Counts what went wrong with one request to the origin.</summary>
    /// <param name="counts">Of its policy.</param>
    /// <param name="reason">What is said of it.</param>
    /// <param name="forward">What forwarding told.</param>
    public static void Count(PolicyTraffic counts, Reason reason, ForwardFeature forward)
    {
        if (Fact(reason, forward) is { } fact)
        {
            counts.Count(fact);
        }
    }

    /// <summary>As what it is counted; null where the origin was not to blame, or its answer is counted by its status already.</summary>
    private static TrafficFact? Fact(Reason reason, ForwardFeature forward) => reason switch
    {
        Reason.OriginTimeout or Reason.OriginUnreachable => TrafficFact.OriginFailures,
        // Another destination may have been asked before this one was left alone.
        Reason.OriginDown => forward.Sent ? TrafficFact.OriginFailures : TrafficFact.OriginNotAsked,
        Reason.OriginFailed => TrafficFact.OriginErrors,
        Reason.OriginTruncated => forward.OriginStatus >= StatusCodes.Status500InternalServerError ? null : TrafficFact.OriginErrors,
        _ => null,
    };

    /// <summary>
    /// Whether all who waited for one fetch share its failure: where nobody answered, asking again for each of them would only pile up.
    /// A broken answer may be the fetch's own bad luck.
    /// </summary>
    public static bool IsShared(Reason reason) =>
        reason is Reason.OriginUnreachable or Reason.OriginTimeout or Reason.OriginBusy or Reason.OriginDown;

    /// <summary>
    /// Whether the gateway is disconnected from the origin (RFC 9111 4.2.4): no answer came, or the connection broke under it. That it was not even asked (busy, down) counts as well, by choice. An answer that is none is an answer.
    /// </summary>
    public static bool IsDisconnected(Reason reason) => IsShared(reason) || reason == Reason.OriginTruncated;
}
