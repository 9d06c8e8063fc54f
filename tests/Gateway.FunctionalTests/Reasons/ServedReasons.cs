using CacheGateway.Model;
using static CacheGateway.FunctionalTests.Reasons.ReasonCase;

namespace CacheGateway.FunctionalTests.Reasons;

/// <summary>Served from the cache, or with what somebody else fetched.</summary>
internal static class ServedReasons
{
    public static readonly ReasonCase[] All =
    [
        Second(Reason.Fresh, Reply.Ok("x", Minute), after: 59),
        Second(Reason.StaleWhileRevalidate, Reply.Ok("x", Minute + ", stale-while-revalidate=60"), after: 61),
        Second(Reason.MaxStale, Reply.Ok("x", Minute), 70, "Cache-Control: max-stale=100"),
        Second(Reason.JustValidated, Reply.Ok("x", Minute), 0, "Cache-Control: no-cache"),
        new(Reason.StaleIfError, async env =>
        {
            env.Origin.Get("/x", Reply.Ok("x", Minute + ", stale-if-error=60"), Reply.Of(503, "down"));
            await env.GetAsync("/x");
            env.Time.AdvanceSeconds(61);
            return await env.GetAsync("/x");
        }),
        new(Reason.Collapsed, async env =>
        {
            env.Origin.Get("/x", Reply.Ok("x", Minute));
            env.Origin.Hold("/x");
            var first = env.GetAsync("/x");
            await env.Origin.Reached("/x");
            var second = env.GetAsync("/x");
            await env.UntilMetric("cachegateway_fill_waiting", count => count == 1);
            env.Origin.Release("/x");
            await first;
            return await second;
        }),
    ];
}
