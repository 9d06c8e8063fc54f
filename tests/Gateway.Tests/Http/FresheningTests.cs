using CacheGateway.Http;
using CacheGateway.Model;

namespace CacheGateway.Tests.Http;

public sealed class FresheningTests
{
    [Fact]
    [Covers("RFC 9111 3.2", "a 304 replaces the fields it carries and keeps the others")]
    public void Apply_NewValues_ReplaceAllLinesOfAName()
    {
        var merged = NotModifiedMerge.Apply(
            Given.Headers("A: 1", "a: 2", "B: 1", "Cache-Control: max-age=1", "Date: old", "Content-Type: text/plain"),
            Given.Headers("A: 3", "C: 4", "C: 5", "Cache-Control: max-age=9", "Date: new"));
        Assert.Equal(Given.Headers("B: 1", "Content-Type: text/plain", "A: 3", "C: 4", "C: 5", "Cache-Control: max-age=9", "Date: new"), merged);
    }

    [Theory]
    [Covers("RFC 9111 3.2", "Content-Length, what describes the stored bytes, and hop-by-hop fields are not updated")]
    [InlineData("Content-Length")]
    [InlineData("Content-Encoding")]
    [InlineData("Content-Range")]
    [InlineData("Content-Digest")]
    [InlineData("Content-MD5")]
    [InlineData("Connection")]
    [InlineData("Transfer-Encoding")]
    public void Apply_Excepted_KeepsTheStored(string name)
    {
        var merged = NotModifiedMerge.Apply(Given.Headers(name + ": stored"), Given.Headers(name + ": new", "X: y"));
        Assert.Equal("stored", Array.Find(merged, field => field.Is(name)).Value);
    }

    [Theory]
    [InlineData("Content-Type")]
    [InlineData("Content-Location")]
    [InlineData("Content-Foo")]
    [InlineData("ETag")]
    [InlineData("Expires")]
    [InlineData("Set-Cookie")]
    public void Apply_Updatable_TakesTheNew(string name)
    {
        var merged = NotModifiedMerge.Apply(Given.Headers(name + ": stored"), Given.Headers(name + ": new"));
        Assert.Equal(Given.Headers(name + ": new"), merged);
    }

    [Fact]
    public void Apply_NoDateIn304_LetsAgeCountAnew() =>
        Assert.DoesNotContain(NotModifiedMerge.Apply(Given.Headers("Date: old", "Age: 5"), Given.Headers("X: y")), field => field.Is("Date") || field.Is("Age"));

    [Fact]
    public void Apply_AgeIn304_IsKeptForTheSumAndNotStored()
    {
        var merged = NotModifiedMerge.Apply(Given.Headers("Cache-Control: max-age=60"), Given.Headers("Age: 7"));
        var facts = ResponseFacts.From(200, merged, []);
        Assert.Equal(7, facts.AgeSeconds);
        Assert.DoesNotContain(Given.Verdict(facts, Given.Rfc9111).StoredHeaders, field => field.Is("Age"));
    }

    [Fact]
    [Covers("RFC 9111 4.3.4", "which stored responses a 304 confirms")]
    public void For_StrongTag_ConfirmsEveryResponseThatHasIt()
    {
        var (a1, a2, b) = (Tagged("\"a\"", -30), Tagged("\"a\"", -20), Tagged("\"b\"", -10));
        var set = VariantSet.Of(a1, a2, b);
        Assert.Equal([a1, a2], RevalidationSelect.For(set, Given.Headers("ETag: \"a\""), b));
        Assert.Empty(RevalidationSelect.For(set, Given.Headers("ETag: \"c\""), a1));
        Assert.Empty(RevalidationSelect.For(VariantSet.Of(Tagged("W/\"a\"", 0)), Given.Headers("ETag: \"a\""), null));
    }

    [Fact]
    public void For_TagMadeHere_IsNotTheOrigins()
    {
        var generated = Given.WithGeneratedTag(Given.Response(Given.At("Date", 0)), "\"a\"");
        var set = VariantSet.Of(generated);
        Assert.Empty(RevalidationSelect.For(set, Given.Headers("ETag: \"a\""), generated));
        Assert.Equal([generated], RevalidationSelect.For(set, Given.Headers("X: y"), null));
        Assert.Equal(HeadOutcome.Invalidates, HeadUpdate.Judge(generated, 200, Given.Headers("ETag: \"a\"")).Outcome);
    }

    [Fact]
    public void For_WeakValidator_ConfirmsTheNewest()
    {
        var (older, newer) = (Tagged("W/\"a\"", -20), Tagged("\"a\"", -10));
        Assert.Equal([newer], RevalidationSelect.For(VariantSet.Of(older, newer), Given.Headers("ETag: W/\"a\""), null));

        var (first, second) = (Modified(-100, -20), Modified(-100, -10));
        var set = VariantSet.Of(first, second, Modified(-50, 0));
        Assert.Equal([second], RevalidationSelect.For(set, Given.Headers(Given.At("Last-Modified", -100)), null));
        Assert.Empty(RevalidationSelect.For(set, Given.Headers(Given.At("Last-Modified", -99)), first));
    }

    [Fact]
    public void For_NoValidator_ConfirmsTheOneThatWasAskedAbout()
    {
        var (tagged, plain) = (Tagged("\"a\"", 0), Given.Stored(Given.Response()));
        Assert.Equal([tagged], RevalidationSelect.For(VariantSet.Of(plain, tagged), Given.Headers("X: y"), tagged));
        Assert.Equal([plain], RevalidationSelect.For(VariantSet.Of(plain), Given.Headers("X: y"), null));
        Assert.Empty(RevalidationSelect.For(VariantSet.Of(tagged), Given.Headers("X: y"), null));
        Assert.Empty(RevalidationSelect.For(VariantSet.Of(plain, plain), Given.Headers("X: y"), null));
    }

    [Theory]
    [Covers("RFC 9111 4.3.5", "freshening by HEAD")]
    [InlineData(HeadOutcome.Freshens, 200, "ETag: \"a\"")]
    [InlineData(HeadOutcome.Freshens, 200, "ETag: \"a\"", "Content-Length: 10", "X: new")]
    [InlineData(HeadOutcome.Freshens, 200, "Last-Modified: Sun, 06 Nov 1994 08:49:37 GMT")]
    [InlineData(HeadOutcome.Invalidates, 200, "ETag: \"b\"")]
    [InlineData(HeadOutcome.Invalidates, 200, "ETag: \"a\"", "Content-Length: 11")]
    [InlineData(HeadOutcome.Invalidates, 200, "Last-Modified: Sun, 06 Nov 1994 08:49:38 GMT")]
    [InlineData(HeadOutcome.Invalidates, 200, "Content-Length: 11")]
    [InlineData(HeadOutcome.Unrelated, 200, "Content-Length: 10")]
    [InlineData(HeadOutcome.Unrelated, 200, "X: new")]
    [InlineData(HeadOutcome.Unrelated, 410, "ETag: \"a\"")]
    public void Judge_Head_FreshensOrInvalidates(HeadOutcome outcome, int status, params string[] lines)
    {
        var stored = Given.Stored(Given.Response("ETag: \"a\"", "Last-Modified: Sun, 06 Nov 1994 08:49:37 GMT", "X: old"), body: "0123456789");
        var verdict = HeadUpdate.Judge(stored, status, Given.Headers(lines));
        Assert.Equal(outcome, verdict.Outcome);
        var updated = outcome == HeadOutcome.Freshens && lines.Contains("X: new");
        Assert.Equal(updated ? "new" : "old", Array.Find(verdict.Merged, field => field.Is("X")).Value);
    }

    [Fact]
    public void Judge_HeadOfAPartOrAnError_SaysNothing()
    {
        var head = Given.Headers("Content-Length: 10");
        Assert.Equal(HeadOutcome.Unrelated, HeadUpdate.Judge(Given.Stored(Given.Response(404)), 200, head).Outcome);
        Assert.Equal(HeadOutcome.Unrelated, HeadUpdate.Judge(Given.Stored(Given.Response(206, "Content-Range: bytes 0-9/20")), 200, head).Outcome);
    }

    private static StoredResponse Tagged(string tag, int date) => Given.Stored(Given.Response("ETag: " + tag, Given.At("Date", date)));

    private static StoredResponse Modified(int modified, int date) => Given.Stored(Given.Response(Given.At("Last-Modified", modified), Given.At("Date", date)));
}
