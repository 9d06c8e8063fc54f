using CacheGateway.Http;
using CacheGateway.Model;

namespace CacheGateway.Tests.Http;

public sealed class ServeDecisionTests
{
    private static readonly StoredResponse Hour = Given.Stored(Given.Response("Cache-Control: max-age=3600"));

    [Fact]
    [Covers("RFC 9111 4", "a fresh stored response is served; without one the request is forwarded")]
    public void For_StoredOrNot_DecidesServing()
    {
        Expect(ServeAction.Fetch, Reason.Miss, null);
        Expect(ServeAction.Serve, Reason.Fresh, Hour);
        var varied = ServeDecision.For(null, true, Given.Request(), Given.Rfc9111, Given.Received.Monotonic);
        Assert.Equal((ServeAction.Fetch, Reason.VaryMiss), (varied.Action, varied.Reason));
    }

    [Fact]
    public void For_Served_CarriesWhatRemains()
    {
        var decision = ServeDecision.For(Hour, false, Given.Request(), Given.Rfc9111, Given.Received.Monotonic + 600_000);
        Assert.Equal(3_000_000, decision.RemainingMs);
    }

    [Theory]
    [Covers("RFC 9111 4.2.4", "a stale response is served only where that is allowed")]
    [Covers("RFC 9111 5.2.2.2", "must-revalidate")]
    [Covers("RFC 9111 5.2.2.8", "proxy-revalidate")]
    [Covers("RFC 9111 5.2.2.10", "s-maxage")]
    [Covers("RFC 9111 5.2.2.4", "no-cache")]
    [InlineData("max-age=2", 1, ServeAction.Serve, Reason.Fresh)]
    [InlineData("max-age=2", 2, ServeAction.Validate, Reason.Expired)]
    [InlineData("max-age=2, must-revalidate", 1, ServeAction.Serve, Reason.Fresh)]
    [InlineData("max-age=2, must-revalidate", 3, ServeAction.Validate, Reason.MustRevalidate)]
    [InlineData("max-age=2, proxy-revalidate", 3, ServeAction.Validate, Reason.MustRevalidate)]
    [InlineData("s-maxage=2", 3, ServeAction.Validate, Reason.MustRevalidate)]
    [InlineData("max-age=2, no-cache", 0, ServeAction.Validate, Reason.ResponseNoCache)]
    [InlineData("max-age=1, stale-while-revalidate=4", 4, ServeAction.ServeStaleAndRefresh, Reason.StaleWhileRevalidate)]
    [InlineData("max-age=1, stale-while-revalidate=4", 5, ServeAction.Validate, Reason.Expired)]
    [InlineData("max-age=1, stale-while-revalidate=4, must-revalidate", 3, ServeAction.Validate, Reason.MustRevalidate)]
    [InlineData("max-age=1, stale-if-error=4", 3, ServeAction.Validate, Reason.Expired)]
    [InlineData("max-age=9, immutable", 8, ServeAction.Serve, Reason.Fresh)]
    [InlineData("max-age=9, immutable", 9, ServeAction.Validate, Reason.Expired)]
    public void For_Later_FollowsTheDirectives(string directives, int seconds, ServeAction action, Reason reason) =>
        Expect(action, reason, Given.Stored(Given.Response("Cache-Control: " + directives)), after: seconds);

    [Theory]
    [Covers("RFC 9111 5.2.1.1", "request max-age")]
    [Covers("RFC 9111 5.2.1.2", "request max-stale")]
    [Covers("RFC 9111 5.2.1.3", "request min-fresh")]
    [Covers("RFC 9111 5.2.1.4", "request no-cache")]
    [Covers("RFC 9111 5.2.1.5", "request no-store")]
    [InlineData("max-age=0", 0, ServeAction.Validate, Reason.RequestMaxAge)]
    [InlineData("max-age=10", 9, ServeAction.Serve, Reason.Fresh)]
    [InlineData("max-age=10", 11, ServeAction.Validate, Reason.RequestMaxAge)]
    [InlineData("no-cache", 0, ServeAction.Validate, Reason.RequestNoCache)]
    [InlineData("no-store", 0, ServeAction.Pass, Reason.RequestNoStore)]
    [InlineData("min-fresh=50", 10, ServeAction.Serve, Reason.Fresh)]
    [InlineData("min-fresh=51", 10, ServeAction.Validate, Reason.RequestMinFresh)]
    [InlineData("max-stale=10", 70, ServeAction.Serve, Reason.MaxStale)]
    [InlineData("max-stale=10", 72, ServeAction.Validate, Reason.Expired)]
    [InlineData("max-stale", 9999, ServeAction.Serve, Reason.MaxStale)]
    [InlineData("max-stale, no-cache", 70, ServeAction.Validate, Reason.Expired)]
    [InlineData("max-stale=10, max-age=65", 70, ServeAction.Validate, Reason.Expired)]
    public void For_RequestDirective_IsHonouredInRfc9111(string directives, int seconds, ServeAction action, Reason reason) =>
        Expect(action, reason, Given.Stored(Given.Response("Cache-Control: max-age=60")), Given.Request(directives), after: seconds);

    [Theory]
    [Covers("RFC 9111 5.2.1.1", "max-age without max-stale: nothing stale, not while it is refreshed either")]
    [InlineData("max-age=65", 61, ServeAction.Validate, Reason.Expired)]
    [InlineData("max-age=65, max-stale=10", 61, ServeAction.ServeStaleAndRefresh, Reason.StaleWhileRevalidate)]
    [InlineData("max-stale=10", 61, ServeAction.ServeStaleAndRefresh, Reason.StaleWhileRevalidate)]
    [InlineData("max-age=65", 59, ServeAction.Serve, Reason.Fresh)]
    public void For_MaxAgeOfTheRequest_WantsNothingStale(string directives, int seconds, ServeAction action, Reason reason) =>
        Expect(action, reason, Given.Stored(Given.Response("Cache-Control: max-age=60, stale-while-revalidate=60")), Given.Request(directives), after: seconds);

    [Theory]
    [InlineData("max-age=1, must-revalidate")]
    [InlineData("s-maxage=1")]
    [InlineData("max-age=1, proxy-revalidate")]
    public void For_MaxStale_NeverBeatsTheOrigin(string directives) =>
        Expect(ServeAction.Validate, Reason.MustRevalidate, Given.Stored(Given.Response("Cache-Control: " + directives)), Given.Request("max-stale"), after: 5);

    [Theory]
    [Covers("RFC 9111 5.2.1.7", "only-if-cached")]
    [InlineData("only-if-cached", 0, ServeAction.Serve, Reason.Fresh)]
    [InlineData("only-if-cached, no-cache", 0, ServeAction.Fail, Reason.OnlyIfCached)]
    [InlineData("only-if-cached, no-store", 0, ServeAction.Fail, Reason.OnlyIfCached)]
    [InlineData("only-if-cached", 70, ServeAction.Fail, Reason.OnlyIfCached)]
    [InlineData("only-if-cached, max-stale", 70, ServeAction.Serve, Reason.MaxStale)]
    public void For_OnlyIfCached_NeverAsksTheOrigin(string directives, int seconds, ServeAction action, Reason reason)
    {
        Expect(action, reason, Given.Stored(Given.Response("Cache-Control: max-age=60")), Given.Request(directives), after: seconds);
        Expect(ServeAction.Fail, Reason.OnlyIfCached, null, Given.Request(directives));
    }

    [Theory]
    [InlineData("no-cache", Reason.RequestNoCache)]
    [InlineData("max-age=0", Reason.RequestMaxAge)]
    [InlineData("min-fresh=9999", Reason.RequestMinFresh)]
    public void For_ReloadInSafe_AsksOncePerSecond(string directives, Reason reason)
    {
        var request = Given.Request(directives);
        Assert.Equal(Reason.JustValidated, ServeDecision.For(Hour, false, request, Given.Safe, Given.Received.Monotonic + 999).Reason);
        var later = ServeDecision.For(Hour, false, request, Given.Safe, Given.Received.Monotonic + 1000);
        Assert.Equal((ServeAction.Validate, reason), (later.Action, later.Reason));
    }

    [Fact]
    public void For_PragmaInSafe_CollapsesToo() =>
        Assert.Equal(Reason.JustValidated, ServeDecision.For(Hour, false, Given.Request(null, "no-cache"), Given.Safe, Given.Received.Monotonic).Reason);

    [Fact]
    public void For_NoStoreInSafe_IsServedWhatIsFresh()
    {
        Expect(ServeAction.Serve, Reason.Fresh, Hour, Given.Request("no-store"), policy: Given.Safe);
        Expect(ServeAction.Pass, Reason.RequestNoStore, Hour, Given.Request("no-store"), after: 4000, policy: Given.Safe);
        Expect(ServeAction.Pass, Reason.RequestNoStore, null, Given.Request("no-store"), policy: Given.Safe);
    }

    [Theory]
    [InlineData(ClientReload.Ignore, ServeAction.Serve)]
    [InlineData(ClientReload.Collapse, ServeAction.Validate)]
    [InlineData(ClientReload.Honour, ServeAction.Validate)]
    public void For_PolicysReload_GoesBeforeTheProfile(ClientReload reload, ServeAction action)
    {
        foreach (var policy in new[] { Given.Safe, Given.Rfc9111 })
        {
            Assert.Equal(action, ServeDecision.For(Hour, false, Given.Request("no-cache"), policy with { ClientReload = reload }, Given.Received.Monotonic + 5000).Action);
        }
    }

    [Fact]
    public void For_ResponseNoCache_IsNeverJustValidated()
    {
        var stored = Given.Stored(Given.Response("Cache-Control: no-cache, max-age=60", "ETag: \"a\""));
        Expect(ServeAction.Validate, Reason.ResponseNoCache, stored, Given.Request("no-cache"), policy: Given.Safe);
    }

    [Fact]
    [Covers("RFC 9111 4.3.2", "If-Match and If-Unmodified-Since are the origin's to evaluate")]
    public void For_OriginsPreconditions_Pass()
    {
        Expect(ServeAction.Pass, Reason.RequestPrecondition, Hour, Given.Request() with { IfMatch = "\"a\"" });
        Expect(ServeAction.Pass, Reason.RequestPrecondition, null, Given.Request() with { IfUnmodifiedSince = "x" });
        Expect(ServeAction.Serve, Reason.Fresh, Given.WithGeneratedTag(Given.Response("Cache-Control: max-age=60"), "\"a\""), Given.Request() with { IfMatch = "\"a\"" });
    }

    [Fact]
    [Covers("RFC 9111 3.3", "a stored part answers only requests for what it holds")]
    public void For_StoredPart_AnswersWhatItHolds()
    {
        var part = Given.Stored(Given.Response(206, "Cache-Control: max-age=60", "Content-Range: bytes 4-8/10"), body: "45678");
        Expect(ServeAction.Serve, Reason.Fresh, part, Given.Request() with { Range = "bytes=5-6" });
        Expect(ServeAction.Fetch, Reason.PartialMiss, part, Given.Request() with { Range = "bytes=-5" });
        Expect(ServeAction.Fetch, Reason.PartialMiss, part);
        Expect(ServeAction.Fetch, Reason.PartialMiss, part, Given.Request() with { Range = "bytes=5-6", IsHead = true });
        Expect(ServeAction.Fetch, Reason.PartialMiss, part, Given.Request() with { Range = "bytes=5-6", IfRange = "\"other\"" });
    }

    [Theory]
    [Covers("RFC 5861 4", "stale-if-error")]
    [Covers("RFC 9111 4.2.4", "disconnected: stale is allowed unless forbidden")]
    [InlineData("max-age=2", 1, true, true)]
    [InlineData("max-age=2", 3, false, true)]
    [InlineData("max-age=2, stale-if-error=60", 61, true, true)]
    [InlineData("max-age=2, stale-if-error=60", 62, false, true)]
    [InlineData("max-age=2", 90_000, false, false)]
    [InlineData("max-age=2, must-revalidate, stale-if-error=60", 3, false, false)]
    [InlineData("max-age=2, proxy-revalidate", 3, false, false)]
    [InlineData("s-maxage=2", 3, false, false)]
    [InlineData("max-age=2, no-cache", 1, false, false)]
    public void MayServeOnError_Directives_Decide(string directives, int seconds, bool onError, bool disconnected)
    {
        var stored = Given.Stored(Given.Response("Cache-Control: " + directives));
        var now = Given.Received.Monotonic + (seconds * 1000L);
        Assert.Equal(onError, ServeDecision.MayServeOnError(stored, Given.Request(), Given.Rfc9111, now, disconnected: false, isSoft: false));
        Assert.Equal(disconnected, ServeDecision.MayServeOnError(stored, Given.Request(), Given.Rfc9111, now, disconnected: true, isSoft: false));

        var own = Given.Rfc9111 with { Transparent = false };
        Assert.Equal(onError, ServeDecision.MayServeOnError(stored, Given.Request(), own, now, disconnected: true, isSoft: false));
    }

    [Fact]
    public void MayServeOnError_PartThatLacksTheRange_IsNoStandIn()
    {
        var part = Given.Stored(Given.Response(206, "Cache-Control: max-age=60", "Content-Range: bytes 4-8/10"), body: "45678");
        Assert.False(ServeDecision.MayServeOnError(part, Given.Request(), Given.Rfc9111, Given.Received.Monotonic, disconnected: false, isSoft: false));
    }

    private static void Expect(ServeAction action, Reason reason, StoredResponse? stored, RequestFacts request = default, int after = 0, CachePolicy? policy = null)
    {
        var decision = ServeDecision.For(stored, false, request, policy ?? Given.Rfc9111, Given.Received.Monotonic + (after * 1000L));
        Assert.Equal((action, reason), (decision.Action, decision.Reason));
    }
}
