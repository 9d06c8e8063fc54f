using static CacheGateway.FunctionalTests.Conformance.ConformanceStep;

namespace CacheGateway.FunctionalTests.Conformance;

/// <summary>Validation with the origin, and what a 304 or a HEAD does to what is stored (RFC 9111 4.3, 3.2).</summary>
public sealed class ValidationTests
{
    private const string Minute = "Cache-Control: max-age=60";
    private const string Tag = "ETag: \"a\"";
    private const string Modified = "Last-Modified: Tue, 04 Mar 2031 10:00:00 GMT";

    private static readonly ConformanceTable Table = new([.. Requests(), .. Updates(), .. Head()]);

    public static TheoryData<string> Names => Table.Names;

    [Theory]
    [MemberData(nameof(Names))]
    public Task Validation(string name) => Table.RunAsync(name);

    [Fact]
    [Covers("RFC 9111 4.3.4", "a 304 about another strong validator does not freshen what is stored")]
    public async Task NotModified_AboutAnotherETag_IsFollowedByAWholeFetch()
    {
        await using var env = await GatewayEnvironment.StartAsync();
        env.Origin.Get("/r", Reply.Ok("old", Minute, Tag), Reply.Of(304, "", Minute, "ETag: \"b\""), Reply.Ok("new", Minute, "ETag: \"b\""));
        await env.GetAsync("/r");
        env.Time.AdvanceSeconds(61);

        Assert.Equal("new", (await env.GetAsync("/r")).Text);

        Assert.False(env.Origin.Last("/r").Has("If-None-Match"));
        Assert.Equal(3, env.Origin.Requests("/r"));
    }

    private static IEnumerable<ConformanceCase> Requests()
    {
        const string Section = "RFC 9111 4.3.1";
        yield return new(Section, "an ETag becomes If-None-Match",
            Get().Reply(Minute, Tag),
            Get().After(61).Reply(Minute, Tag).Validated().Saw("If-None-Match: \"a\""));
        yield return new(Section, "a weak ETag becomes If-None-Match",
            Get().Reply(Minute, "ETag: W/\"a\""),
            Get().After(61).Reply(Minute, "ETag: W/\"a\"").Validated().Saw("If-None-Match: W/\"a\""));
        yield return new(Section, "Last-Modified becomes If-Modified-Since",
            Get().Reply(Minute, Modified),
            Get().After(61).Reply(Minute, Modified).Validated().Saw("If-Modified-Since: Tue, 04 Mar 2031 10:00:00 GMT"));
        yield return new(Section, "both become both",
            Get().Reply(Minute, Tag, Modified),
            Get().After(61).Reply(Minute, Tag, Modified).Validated().Saw("If-None-Match: \"a\"", "If-Modified-Since: Tue, 04 Mar 2031 10:00:00 GMT"));
        yield return new(Section, "an ETag without quotes is sent back or not used",
            Get().Reply(Minute, "ETag: a"),
            Get().After(61).Reply(Minute).FromOrigin());
        yield return new(Section, "what is fresh is not validated", Get().Reply(Minute, Tag), Get().After(30).FromCache());
        yield return new("RFC 9111 4.3.3", "a full response replaces the stored one",
            Get().Reply(Minute, Tag),
            Get().After(61).Reply(Minute, "ETag: \"b\"").FromOrigin(),
            Get().FromCache(2).With("ETag: \"b\""));
        yield return new("RFC 9111 4.3.3", "a 500 is forwarded where stale is not allowed",
            Get().Reply("Cache-Control: max-age=60, must-revalidate", Tag),
            Get().After(61).Status(500).FromOrigin());
        yield return new("RFC 9111 4.3.3", "a 404 on validation replaces the stored one",
            Get().Reply(Minute, Tag),
            Get().After(61).Status(404).Reply(Minute).FromOrigin(),
            Get().FromCache(2));
        yield return new("RFC 9111 4.3.2", "a client's own If-None-Match is answered from what was validated",
            Get().Reply(Minute, Tag),
            Get("If-None-Match: \"a\"").After(61).Reply(Minute, Tag).Validated().ClientGets(304));
        yield return new("RFC 9111 4.3.2", "If-Match is for the origin",
            Get().Reply(Minute, Tag),
            Get("If-Match: \"b\"").Status(412).FromOrigin().Saw("If-Match: \"b\""),
            Get().FromCache());
        yield return new("RFC 9111 4.3.2", "If-Unmodified-Since is for the origin",
            Get().Reply(Minute, Modified),
            Get("If-Unmodified-Since: Tue, 04 Mar 2031 09:00:00 GMT").Status(412).FromOrigin(),
            Get().FromCache());
    }

    private static IEnumerable<ConformanceCase> Updates()
    {
        const string Section = "RFC 9111 3.2";
        yield return Updated("a new field is added", [], ["X-New: 1"], ["X-New: 1"]);
        yield return Updated("a field is replaced", ["X-Old: 1"], ["X-Old: 2"], ["X-Old: 2"]);
        yield return Updated("all lines of a field are replaced", ["X-Old: 1", "X-Old: 2"], ["X-Old: 3"], ["X-Old: 3"]);
        yield return Updated("a field that the 304 lacks is kept", ["X-Old: 1"], [], ["X-Old: 1"]);
        yield return Updated("Content-Security-Policy is replaced", ["Content-Security-Policy: a"], ["Content-Security-Policy: b"], ["Content-Security-Policy: b"]);
        yield return Updated("Content-Length is kept", [], ["Content-Length: 999"], ["Content-Length: 1"]);
        yield return Updated("Content-Encoding is kept", ["Content-Encoding: x-a"], ["Content-Encoding: x-b"], ["Content-Encoding: x-a"]);
        yield return Updated("Content-Range does not appear", [], ["Content-Range: bytes 0-0/10"], []);
        yield return Updated("a field that Connection names does not appear", [], ["Connection: X-Hop", "X-Hop: 1"], []);
        yield return new(Section, "a new lifetime counts from the 304",
            Get().Reply(Minute, Tag),
            Get().After(61).Reply("Cache-Control: max-age=600", Tag).Validated(),
            Get().After(599).FromCache().With("Cache-Control: max-age=600", "Age: 599"));
        yield return new(Section, "a 304 without a lifetime keeps the stored one",
            Get().Reply(Minute, Tag),
            Get().After(61).Reply(Tag).Validated(),
            Get().After(59).FromCache());
        yield return new(Section, "a 304 with no-store is still served once",
            Get().Reply(Minute, Tag),
            Get().After(61).Reply("Cache-Control: no-store", Tag).Validated());
        yield return new(Section, "a new Date counts",
            Get().Reply(Minute, Tag, "Date: {now}"),
            Get().After(61).Reply(Minute, Tag, "Date: {now}").Validated(),
            Get().After(5).FromCache().With("Date: {now-5}"));
        static ConformanceCase Updated(string name, string[] before, string[] update, string[] expected) => new(
            Section,
            name,
            Get().Reply([Minute, Tag, .. before]),
            Get().After(61).Reply([Minute, Tag, .. update]).Validated().With(expected).Without("X-Hop", "Content-Range"),
            Get().After(1).FromCache().With(expected).Without("X-Hop", "Content-Range"));
    }

    private static IEnumerable<ConformanceCase> Head()
    {
        const string Section = "RFC 9111 4.3.5";
        yield return new(Section, "a HEAD with the same validator freshens",
            Get().Reply(Minute, Tag),
            Send("HEAD").After(61).Reply(Minute, Tag, "X-New: 1").Content("1"),
            Get().After(30).FromCache().With("X-New: 1"));
        yield return new(Section, "a HEAD with another validator makes it stale",
            Get().Reply("Cache-Control: max-age=60, stale-while-revalidate=600", Tag),
            Send("HEAD", "Cache-Control: no-cache").After(1).Reply(Minute, "ETag: \"b\"").Content("1"),
            Get().After(1).FromOrigin());
        yield return new(Section, "a HEAD with another length makes it stale",
            Get().Reply("Cache-Control: max-age=60, stale-while-revalidate=600"),
            Send("HEAD", "Cache-Control: no-cache").After(1).Reply(Minute).Content("longer"),
            Get().After(1).FromOrigin());
        yield return new(Section, "a HEAD with the same length and no validator freshens nothing",
            Get().Reply(Minute).Content("old"),
            Send("HEAD", "Cache-Control: no-cache").After(40).Reply(Minute).Content("new"),
            Get().After(15).FromCache(),
            Get().After(10).FromOrigin());
    }
}
