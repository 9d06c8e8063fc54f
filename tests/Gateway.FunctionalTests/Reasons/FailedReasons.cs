using CacheGateway.Model;
using static CacheGateway.FunctionalTests.Reasons.ReasonCase;

namespace CacheGateway.FunctionalTests.Reasons;

/// <summary>The gateway's own answers.</summary>
internal static class FailedReasons
{
    public static readonly ReasonCase[] All =
    [
        First(Reason.OnlyIfCached, Reply.Ok("x", Minute), "Cache-Control: only-if-cached"),
        new(Reason.OriginUnreachable, async env =>
        {
            await env.Origin.GoAway();
            return await env.GetAsync("/x");
        }),
        new(Reason.OriginTimeout, async env =>
        {
            env.Origin.Get("/x", Reply.Ok("late"));
            env.Origin.Hold("/x");
            return await env.GetAsync("/x");
        })
        {
            // The forwarder's own timeout runs on the machine's clock.
            Options = new() { Settings = settings => settings with { OriginTimeout = TimeSpan.FromMilliseconds(200) } },
        },
        // The head came, the body ended before its first byte.
        First(Reason.OriginTruncated, Reply.Exactly("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n", ReplyEnding.Close)),
        First(Reason.OriginFailed, Reply.Of(304, "", "ETag: \"a\"")),
        new(Reason.OriginBusy, async env =>
        {
            env.Origin.Get("/*", Reply.Ok("x", Minute));
            env.Origin.Hold("/under-way");
            var underWay = env.GetAsync("/under-way");
            await env.Origin.Reached("/under-way");
            var refused = await env.GetAsync("/x");
            env.Origin.Release("/under-way");
            await underWay;
            return refused;
        })
        {
            Options = new() { Settings = settings => settings with { OriginRequests = 1 } },
        },
        new(Reason.OriginDown, async env =>
        {
            await env.Origin.GoAway();
            for (var i = 0; i < 25; i++)
            {
                await env.GetAsync("/x");
            }

            return await env.GetAsync("/x");
        }),
        new(Reason.Loop, async env =>
        {
            env.Origin.Get("/x", Reply.Ok("x", "Cache-Control: no-store"));
            await env.GetAsync("/x");
            return await env.GetAsync("/x", $"CDN-Loop: {env.Origin.Last("/x").Header("CDN-Loop")}");
        }),
    ];
}
