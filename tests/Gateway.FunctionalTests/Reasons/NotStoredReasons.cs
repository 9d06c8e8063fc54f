using CacheGateway.FunctionalTests.Policies;
using CacheGateway.Model;
using static CacheGateway.FunctionalTests.Reasons.ReasonCase;

namespace CacheGateway.FunctionalTests.Reasons;

/// <summary>The origin's answer was not stored.</summary>
internal static class NotStoredReasons
{
    public static readonly ReasonCase[] All =
    [
        First(Reason.ResponseNoStore, Reply.Ok("x", Minute + ", no-store")),
        First(Reason.ResponsePrivate, Reply.Ok("x", Minute + ", private")),
        First(Reason.ResponseSetCookie, Reply.Ok("x", Minute, "Set-Cookie: a=b")),
        First(Reason.ResponseVaryStar, Reply.Ok("x", Minute, "Vary: *")),
        First(Reason.ResponseStatus, Reply.Of(500, "x", Minute)),
        First(Reason.ResponseNoFreshness, Reply.Ok("x")),
        First(Reason.ResponseAlreadyStale, Reply.Ok("x", "Cache-Control: max-age=0")),
        First(Reason.ResponseAuthorization, Reply.Ok("x", Minute), "Authorization: Bearer a").Counted(),
        First(Reason.ResponseMustUnderstand, Reply.Of(299, "x", Minute + ", must-understand")),
        First(Reason.ResponseTooLarge, Reply.Ok("0123456789A", Minute)).Under(PolicyText.Of("\"maxBody\": \"10B\"")),
        First(Reason.ResponseIncomplete, Reply.Ok("half", Minute) with { DeclaredLength = 100, Ending = ReplyEnding.Close }).Counted(),
        First(Reason.ResponseAmbiguous, Reply.Of(206, "012", Minute, "Content-Range: bytes 0-1/10"), "Range: bytes=0-1").Letter().Counted(),
        First(Reason.ResponseAmbiguous, Reply.Ok("x", Minute) with { Framing = ReplyFraming.Close, Ending = ReplyEnding.Close }),
        First(Reason.ResponsePartial, Reply.Of(206, "01", Minute, "Content-Range: bytes 0-1/10")),
        First(Reason.ResponseTags, Reply.Ok("x", Minute, "Cache-Tag: " + string.Join(',', Enumerable.Range(0, 257)))),
        First(Reason.ResponseTags, Reply.Ok("no JSON", Minute, "Content-Type: application/json")).Under(PolicyText.Of("\"tags\": [\"$.id -> x:{}\"]")).Counted(),
        First(Reason.ResponsePolicyTtlZero, Reply.Ok("x")).Under(PolicyText.Of("\"ttl\": \"0s\"")),
        new ReasonCase(Reason.InvalidatedDuringFetch, async env =>
        {
            env.Origin.Get("/x", Reply.Ok("x", Minute));
            env.Origin.Hold("/x");
            var first = env.GetAsync("/x");
            await env.Origin.Reached("/x");
            using var raised = await env.InvalidateAsync(new { urls = (string[])["/x"] });
            env.Origin.Release("/x");
            return await first;
        }).Counted(),
    ];
}
