using System.Globalization;
using CacheGateway.Diagnostics.Traffic;
using CacheGateway.Model;

namespace CacheGateway.Operations.Alerts;

/// <summary>The rules about what was served: pure, over the counts of one window.</summary>
internal static class TrafficRules
{
    /// <summary>Rules about one policy. "none" is no policy: nothing is expected of it.</summary>
    public static IEnumerable<AlertLook> OfPolicy(string policy, TrafficCounts counts, AlertSettings settings)
    {
        if (policy == TrafficRecorder.NoPolicy)
        {
            yield break;
        }

        // What passes because somebody switched the policy off, passes as it was told to.
        var expected = counts.Cacheable - counts.Of(Reason.PolicyOff);
        double? ratio = expected >= Math.Max(1, settings.MinRequests) ? (counts.Hits + counts.Collapsed) / (double)expected : null;
        var cause = Cause(counts);
        var why = cause is { } reason ? $"; most often because of {reason.Text()}" : "";
        if (settings.HitRatio > 0)
        {
            yield return AlertLook.Below(
                "hit-ratio-low", policy, ratio, settings.HitRatio, 1,
                Say($"Policy {policy} answers {(ratio ?? 0) * 100:0} % of its requests from the cache{why}"),
                $"{(cause is { } first ? ReasonFacts.Of(first).Advice : "Look at the reasons for missing.")} \"explain\" with one of the policy's URLs names the change.");
        }

        if (settings.CachedP99 > TimeSpan.Zero)
        {
            var cached = counts.CachedLatency;
            yield return AlertLook.Above(
                "cached-latency-high", policy, cached.Count >= settings.MinRequests ? cached.P99 : null, settings.CachedP99.TotalMilliseconds,
                Say($"Answers of policy {policy} from the cache take {cached.P99:0} ms (99th percentile)"),
                "Hits should take less than a few milliseconds: look for a saturated processor or network, very large bodies, slow clients, or a slow Redis behind a small memory.");
        }

        if (settings.ImprovementPercent > 0)
        {
            var isKnown = counts.CachedLatency.Count >= settings.MinRequests && counts.UncachedLatency.Count >= 10;
            yield return AlertLook.Below(
                "improvement-low", policy, isKnown ? counts.ImprovementPercent : null, settings.ImprovementPercent, 100,
                Say($"The cache makes policy {policy} {counts.ImprovementPercent ?? 0:0} % faster"),
                "What is fast at the origin gains little from a cache: drop the policy if it does not spare the origin work that matters, or look for slow hits.");
        }
    }

    /// <summary>Rules about all traffic together.</summary>
    public static IEnumerable<AlertLook> OfAll(TrafficCounts all, TrafficCounts noPolicy, bool hasPolicies, AlertSettings settings)
    {
        var origin = all.OriginRequests;
        var unanswered = all.Fact(TrafficFact.OriginFailures);
        var notAsked = all.Fact(TrafficFact.OriginNotAsked);
        var origins = all.Fact(TrafficFact.OriginErrors);
        // One fetch that fails may be the error of many who waited, and of what the gateway refuses itself the origin knows nothing; what stale answers hide is an error all the same.
        var failed = all.Failed - all.Of(ServedFrom.Failed, Reason.OnlyIfCached);
        var told = all.Of(ServedFrom.Failed, Reason.OriginFailed) + all.Of(ServedFrom.Failed, Reason.OriginTruncated);
        var errors = Math.Max(origins + unanswered + notAsked, failed + Math.Max(0, origins - told));
        if (settings.OriginDown > 0)
        {
            // While it is left alone hardly anything is sent, and it is down for all that.
            var down = unanswered + notAsked;
            var stale = all.Of(Reason.StaleIfError) + all.Of(Reason.StaleWhileRevalidate);
            yield return AlertLook.Above(
                "origin-down", "", down >= 3 ? down / (double)Math.Max(origin + notAsked, down) : null, settings.OriginDown,
                Say($"The origin does not answer: {unanswered} of {Counted(Math.Max(origin, unanswered), "request")} to it failed, {notAsked} {(notAsked == 1 ? "was" : "were")} not sent meanwhile; {stale} {(stale == 1 ? "was" : "were")} answered stale instead"),
                "Look at the origin and the network to it. Stale answers hold only as long as staleIfError allows; until then clients notice little.", "critical");
        }

        if (settings.Errors > 0)
        {
            yield return AlertLook.Above(
                "error-storm", "", all.Requests >= settings.MinRequests ? errors / (double)all.Requests : null, settings.Errors,
                Say($"{Counted(errors, "error")} for {Counted(all.Requests, "request")}"),
                "Look at the origin's own log, and at the reasons of failed requests for those of the gateway. staleIfError on the policies concerned would answer from the cache meanwhile.", "critical");
        }

        if (settings.NoPolicy > 0 && hasPolicies)
        {
            // What passed while caching was off was to be taken by none.
            var untaken = noPolicy.Cacheable - noPolicy.Of(Reason.CacheOff);
            yield return AlertLook.Above(
                "no-policy", "", all.Cacheable >= settings.MinRequests ? untaken / (double)all.Cacheable : null, settings.NoPolicy,
                Say($"{untaken} of {Counted(all.Cacheable, "request")} {(untaken == 1 ? "is" : "are")} taken by no policy"),
                "A path in \"match\" may be misspelt, or a route has no policy yet: \"top\" shows what is asked for, \"explain\" what takes it.");
        }
    }

    /// <summary>What hit-for-miss follows from is the cause, not that nobody waits any more.</summary>
    private static Reason? Cause(TrafficCounts counts)
    {
        var reasons = counts.CacheableMissReasons.Select(miss => miss.Reason).Where(reason => reason != Reason.PolicyOff).ToArray();
        return reasons.Length == 0 ? null : reasons[0] == Reason.HitForMiss && reasons.Length > 1 ? reasons[1] : reasons[0];
    }

    private static string Counted(long count, string what) => string.Create(CultureInfo.InvariantCulture, $"{count} {what}{(count == 1 ? "" : "s")}");

    private static string Say(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
