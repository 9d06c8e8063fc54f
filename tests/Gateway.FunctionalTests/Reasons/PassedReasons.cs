using CacheGateway.FunctionalTests.Policies;
using CacheGateway.Model;
using CacheGateway.Pipeline;
using Microsoft.Extensions.DependencyInjection;
using static CacheGateway.FunctionalTests.Reasons.ReasonCase;

namespace CacheGateway.FunctionalTests.Reasons;

/// <summary>Passed: known beforehand that no stored response comes of it, or that nobody should wait for one.</summary>
internal static class PassedReasons
{
    public static readonly ReasonCase[] All =
    [
        First(Reason.NoPolicy, Reply.Ok("x", Minute)).Under("""{ "policies": { "other": { "match": { "path": "/other" } } } }"""),
        First(Reason.PolicyOff, Reply.Ok("x", Minute)).Under(PolicyText.Of("\"enabled\": false")),
        First(Reason.CacheOff, Reply.Ok("x", Minute)).Under("""{ "enabled": false, "policies": {} }"""),
        Sent(Reason.MethodUnsafe, "POST", "content"),
        Sent(Reason.MethodNotCacheable, "OPTIONS"),
        Sent(Reason.MethodNotCacheable, "HEAD"),
        Sent(Reason.RequestHasContent, "GET", "content"),
        First(Reason.RequestNoStore, Reply.Ok("x", Minute), "Cache-Control: no-store"),
        First(Reason.RequestUpgrade, Reply.Of(403, "no"), "Connection: Upgrade", "Upgrade: websocket", "Sec-WebSocket-Version: 13", "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ=="),
        First(Reason.EventStream, Reply.Ok("x", Minute), "Accept: text/event-stream"),
        First(Reason.Credentials, Reply.Ok("x", Minute), "Authorization: Bearer a"),
        First(Reason.Cookies, Reply.Ok("x", Minute), "Cookie: a=b"),
        new(Reason.SecretInUrl, env =>
        {
            env.Origin.Get("/x", Reply.Ok("x", Minute));
            return env.GetAsync("/x?a=b&Access_%54oken=abc");
        }),
        First(Reason.Unkeyable, Reply.Ok("x", Minute), "X-A: " + new string('a', 1025)).Under(PolicyText.Of("\"key\": { \"headers\": [\"X-A\"] }")),
        Second(Reason.HitForMiss, Reply.Ok("x", "Cache-Control: no-store")),
        First(Reason.RequestRange, Reply.Of(206, "01", "Content-Range: bytes 0-1/10"), "Range: bytes=0-1"),
        First(Reason.RequestPrecondition, Reply.Ok("x", Minute), "If-Match: \"a\""),
        First(Reason.RequestHeaderBypass, Reply.Ok("x", Minute, "Vary: X-A"), "X-A: 1").Under(PolicyText.Of("\"vary\": { \"X-A\": \"bypass\" }")),
        new(Reason.WaitTimeout, async env =>
        {
            env.Origin.Get("/x", Reply.Ok("x", Minute));
            env.Origin.Hold("/x");
            var first = env.GetAsync("/x");
            await env.Origin.Reached("/x");
            var second = env.GetAsync("/x");
            await env.UntilMetric("cachegateway_fill_waiting", count => count == 1);
            env.Time.AdvanceSeconds(1.1);
            await env.Origin.Reached("/x", 2);
            env.Origin.Release("/x");
            await first;
            return await second;
        }),
        First(Reason.FillBudget, Reply.Ok("x", Minute)) with
        {
            Options = new() { Configure = builder => builder.Services.AddSingleton(new GatewayLimits { MaxFills = 0 }) },
        },
    ];

    private static ReasonCase Sent(Reason reason, string method, string? content = null) => new(reason, env =>
    {
        env.Origin.On(null, "/x", _ => Reply.Ok("x", Minute));
        return env.SendAsync(method, "/x", content);
    });
}
