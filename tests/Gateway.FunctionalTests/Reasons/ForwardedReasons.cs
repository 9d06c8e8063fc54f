using CacheGateway.Model;
using static CacheGateway.FunctionalTests.Reasons.ReasonCase;

namespace CacheGateway.FunctionalTests.Reasons;

/// <summary>Went to the origin, and might have been served.</summary>
internal static class ForwardedReasons
{
    public static readonly ReasonCase[] All =
    [
        First(Reason.Miss, Reply.Ok("x", Minute)),
        new(Reason.VaryMiss, async env =>
        {
            env.Origin.Get("/x", Reply.Ok("x", Minute, "Vary: X-A"));
            await env.GetAsync("/x", "X-A: 1");
            return await env.GetAsync("/x", "X-A: 2");
        }),
        Second(Reason.Expired, Reply.Ok("x", Minute), after: 60),
        Second(Reason.ResponseNoCache, Reply.Ok("x", "Cache-Control: no-cache", "ETag: \"a\"")),
        Second(Reason.MustRevalidate, Reply.Ok("x", Minute + ", must-revalidate"), after: 60),
        Second(Reason.RequestNoCache, Reply.Ok("x", Minute), 0, "Cache-Control: no-cache").Letter(),
        Second(Reason.RequestMaxAge, Reply.Ok("x", Minute), 10, "Cache-Control: max-age=5"),
        Second(Reason.RequestMinFresh, Reply.Ok("x", Minute), 10, "Cache-Control: min-fresh=55"),
        new(Reason.Invalidated, async env =>
        {
            env.Origin.Get("/x", Reply.Ok("x", Minute));
            await env.GetAsync("/x");
            using var raised = await env.InvalidateAsync(new { urls = (string[])["/x"] });
            return await env.GetAsync("/x");
        }),
        new(Reason.Blind, async env =>
        {
            env.Origin.Get("/x", Reply.Ok("x", Minute));
            await env.GetAsync("/x");
            return await env.GetAsync("/x");
        })
        {
            // Nothing listens there: what others raise would never be heard.
            Options = new() { Settings = settings => settings with { Redis = new() { EndPoints = ["127.0.0.1:1"] } } },
        },
        new ReasonCase(Reason.PartialMiss, async env =>
        {
            env.Origin.Get("/x", request => request.Has("Range") ? Reply.Of(206, "01", Minute, "Content-Range: bytes 0-1/10") : Reply.Ok("0123456789", Minute));
            await env.GetAsync("/x", "Range: bytes=0-1");
            return await env.GetAsync("/x");
        }).Letter(),
        new(Reason.OriginChanged, async env =>
        {
            env.Origin.Get("/x", Reply.Ok("1", Minute, "ETag: \"a\""), Reply.Of(304, "", "ETag: \"b\""), Reply.Ok("2", Minute, "ETag: \"b\""));
            await env.GetAsync("/x");
            env.Time.AdvanceSeconds(61);
            return await env.GetAsync("/x");
        }),
    ];
}
