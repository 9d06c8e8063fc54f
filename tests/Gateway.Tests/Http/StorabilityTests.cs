using CacheGateway.Model;

namespace CacheGateway.Tests.Http;

public sealed class StorabilityTests
{
    [Theory]
    [Covers("RFC 9111 3", "any final status with explicit freshness may be stored")]
    [InlineData(200)]
    [InlineData(203)]
    [InlineData(204)]
    [InlineData(299)]
    [InlineData(301)]
    [InlineData(302)]
    [InlineData(303)]
    [InlineData(307)]
    [InlineData(308)]
    [InlineData(400)]
    [InlineData(404)]
    [InlineData(410)]
    [InlineData(499)]
    [InlineData(500)]
    [InlineData(502)]
    [InlineData(503)]
    [InlineData(504)]
    [InlineData(599)]
    public void Judge_ExplicitFreshness_StoresEveryStatusInRfc9111(int status)
    {
        Assert.True(Given.Verdict(Given.Response(status, "Cache-Control: max-age=60"), Given.Rfc9111).Store);
        var stale = Given.Verdict(Given.Response(status, Given.At("Expires", -50), Given.At("Last-Modified", -1000), Given.At("Date", 0)), Given.Rfc9111);
        Assert.False(stale.Freshness.IsFreshAt(Given.Received.Monotonic));
    }

    [Theory]
    [InlineData(101)]
    [InlineData(103)]
    [InlineData(304)]
    [InlineData(412)]
    [InlineData(416)]
    [InlineData(999)]
    public void Judge_InterimOrConditionalStatus_IsNeverStored(int status)
    {
        var policy = Given.Rfc9111 with { StatusTtl = new Dictionary<int, TimeSpan> { [status] = TimeSpan.FromHours(1) } };
        Assert.Equal(Reason.ResponseStatus, Given.Verdict(Given.Response(status, "Cache-Control: public, max-age=60"), policy).Reason);
    }

    [Theory]
    [InlineData(400, false)]
    [InlineData(401, false)]
    [InlineData(403, false)]
    [InlineData(404, true)]
    [InlineData(405, false)]
    [InlineData(410, true)]
    [InlineData(429, false)]
    [InlineData(500, false)]
    [InlineData(503, false)]
    [InlineData(302, true)]
    public void Judge_ErrorInSafe_OnlyMissingAndGone(int status, bool stored)
    {
        var response = Given.Response(status, "Cache-Control: public, max-age=60");
        Assert.Equal(stored, Given.Verdict(response, Given.Safe).Store);
        var named = Given.Safe with { StatusTtl = new Dictionary<int, TimeSpan> { [status] = TimeSpan.FromSeconds(5) } };
        Assert.True(Given.Verdict(response, named).Store);
    }

    [Theory]
    [Covers("RFC 9111 5.2.2.5", "no-store")]
    [Covers("RFC 9111 5.2.2.7", "private")]
    [InlineData("no-store", Reason.ResponseNoStore)]
    [InlineData("max-age=60, No-StOrE", Reason.ResponseNoStore)]
    [InlineData("private, max-age=60", Reason.ResponsePrivate)]
    [InlineData("public, private, max-age=60", Reason.ResponsePrivate)]
    [InlineData("no-cache, max-age=60", Reason.ResponseNoCache)]
    [InlineData("max-age=0", Reason.ResponseAlreadyStale)]
    [InlineData("max-age=x", Reason.ResponseAlreadyStale)]
    [InlineData("public", Reason.ResponseNoFreshness)]
    public void Judge_Directive_Refuses(string directives, Reason reason)
    {
        foreach (var policy in new[] { Given.Rfc9111, Given.Safe })
        {
            var verdict = Given.Verdict(Given.Response("Cache-Control: " + directives), policy);
            Assert.False(verdict.Store);
            Assert.Equal(reason, verdict.Reason);
            Assert.Empty(verdict.StoredHeaders);
        }
    }

    [Fact]
    [Covers("RFC 9111 5.2.1.5", "a request's no-store keeps the response out")]
    public void Judge_RequestNoStore_Refuses() =>
        Assert.Equal(Reason.RequestNoStore, Given.Verdict(Given.Response("Cache-Control: max-age=60"), Given.Rfc9111, Given.Request("no-store")).Reason);

    [Theory]
    [Covers("RFC 9111 5.2.2.3", "must-understand")]
    [InlineData(200, "no-store, must-understand, max-age=60", null)]
    [InlineData(404, "no-store, must-understand, max-age=60", null)]
    [InlineData(599, "no-store, must-understand, max-age=60", Reason.ResponseMustUnderstand)]
    [InlineData(599, "must-understand, max-age=60", Reason.ResponseMustUnderstand)]
    [InlineData(200, "private, no-store, must-understand, max-age=60", Reason.ResponsePrivate)]
    public void Judge_MustUnderstand_LooksAtTheStatus(int status, string directives, Reason? refusal)
    {
        var verdict = Given.Verdict(Given.Response(status, "Cache-Control: " + directives), Given.Rfc9111);
        Assert.Equal(refusal, verdict.Store ? null : verdict.Reason);
    }

    [Theory]
    [Covers("RFC 9111 4.3.1", "what is never fresh is stored when a validator makes it useful")]
    [InlineData(200, true, "Cache-Control: no-cache", "ETag: \"a\"")]
    [InlineData(200, true, "Cache-Control: no-cache, max-age=60", "ETag: W/\"a\"")]
    [InlineData(200, true, "Cache-Control: max-age=0", "Last-Modified: Sun, 06 Nov 1994 08:49:37 GMT")]
    [InlineData(200, true, "ETag: \"a\"")]
    [InlineData(200, false, "ETag: ")]
    [InlineData(404, false, "Cache-Control: max-age=0", "ETag: \"a\"")]
    [InlineData(500, false, "ETag: \"a\"")]
    public void Judge_NeverFresh_NeedsAValidator(int status, bool stored, params string[] lines) =>
        Assert.Equal(stored, Given.Verdict(Given.Response(status, lines), Given.Rfc9111 with { Heuristics = false }).Store);

    [Theory]
    [Covers("RFC 9111 3", "how long it may be stale makes no status storable that needs explicit freshness")]
    [InlineData(200, true, true)]
    [InlineData(404, true, true)]
    [InlineData(405, false, true)]
    [InlineData(302, false, false)]
    [InlineData(303, false, false)]
    [InlineData(307, false, false)]
    [InlineData(401, false, false)]
    [InlineData(403, false, false)]
    [InlineData(429, false, false)]
    [InlineData(500, false, false)]
    public void Judge_StaleWindowAlone_StoresWhatIsCacheableByDefault(int status, bool safe, bool letter)
    {
        foreach (var window in new[] { "stale-while-revalidate=60", "stale-if-error=60" })
        {
            var response = Given.Response(status, "Cache-Control: " + window);
            Assert.Equal(safe, Given.Verdict(response, Given.Safe).Store);
            Assert.Equal(letter, Given.Verdict(response, Given.Rfc9111).Store);
            Assert.Equal(safe, Given.Verdict(response, Given.Safe with { Transparent = false, Ttl = TimeSpan.FromMinutes(5) }).Store);
        }

        Assert.True(Given.Verdict(Given.Response(status, "Cache-Control: public, stale-while-revalidate=60"), Given.Rfc9111).Store);
        Assert.True(Given.Verdict(Given.Response(status, "Cache-Control: max-age=0, stale-while-revalidate=60"), Given.Rfc9111).Store);
    }

    [Fact]
    public void Judge_OlderThanItsLifetime_IsStoredOnlyForItsStaleWindow()
    {
        Assert.Equal(Reason.ResponseAlreadyStale, Given.Verdict(Given.Response("Cache-Control: max-age=60", "Age: 70"), Given.Rfc9111).Reason);
        Assert.True(Given.Verdict(Given.Response("Cache-Control: max-age=60, stale-if-error=60", "Age: 70"), Given.Rfc9111).Store);
    }

    [Theory]
    [Covers("RFC 9111 4.1", "Vary: * is never stored")]
    [InlineData("*")]
    [InlineData("Foo, *")]
    public void Judge_VaryStar_Refuses(string vary) =>
        Assert.Equal(Reason.ResponseVaryStar, Given.Verdict(Given.Response("Cache-Control: max-age=60", "Vary: " + vary), Given.Rfc9111).Reason);

    [Fact]
    public void Judge_VaryOnABypassedField_Refuses()
    {
        var policy = Given.Rfc9111 with { Vary = new Dictionary<string, VaryAction>(StringComparer.OrdinalIgnoreCase) { ["user-agent"] = VaryAction.Bypass } };
        Assert.Equal(Reason.RequestHeaderBypass, Given.Verdict(Given.Response("Cache-Control: max-age=60", "Vary: User-Agent"), policy).Reason);
    }

    [Fact]
    [Covers("RFC 9111 3.3", "a 206 is stored as the part it is, when it agrees with itself")]
    public void Judge_Partial_ByProfileAndConsistency()
    {
        var asked = Given.Request() with { Range = "bytes=4-9" };
        var part = Given.Response(206, "Cache-Control: max-age=60", "Content-Range: bytes 4-9/10", "Content-Length: 6");
        Assert.True(Given.Verdict(part, Given.Rfc9111, asked).Store);
        Assert.Equal(Reason.ResponsePartial, Given.Verdict(part, Given.Safe, asked).Reason);
        Assert.Equal(Reason.ResponsePartial, Given.Verdict(part, Given.Rfc9111).Reason);

        var multiple = Given.Response(206, "Cache-Control: max-age=60", "Content-Type: multipart/byteranges; boundary=x");
        Assert.Equal(Reason.ResponsePartial, Given.Verdict(multiple, Given.Rfc9111, asked).Reason);
        var contradiction = Given.Response(206, "Cache-Control: max-age=60", "Content-Range: bytes 4-9/10", "Content-Length: 5");
        Assert.Equal(Reason.ResponseAmbiguous, Given.Verdict(contradiction, Given.Rfc9111, asked).Reason);
    }
}
