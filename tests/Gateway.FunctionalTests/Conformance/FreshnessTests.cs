using static CacheGateway.FunctionalTests.Conformance.ConformanceStep;

namespace CacheGateway.FunctionalTests.Conformance;

/// <summary>How long a response is fresh: explicit lifetimes and their order (RFC 9111 4.2.1), heuristics (4.2.2), the grammar of what says so (5.2, 5.3).</summary>
public sealed class FreshnessTests
{
    private static readonly ConformanceTable Table = new(
    [
        .. Lifetimes(),
        .. Parsing(),
        .. Expires(),
        .. Heuristics(),
    ]);

    public static TheoryData<string> Names => Table.Names;

    [Theory]
    [MemberData(nameof(Names))]
    public Task Freshness(string name) => Table.RunAsync(name);

    private static IEnumerable<ConformanceCase> Lifetimes()
    {
        const string Section = "RFC 9111 4.2.1";
        yield return new(Section, "max-age is fresh to its last second",
            Get().Reply("Cache-Control: max-age=60"),
            Get().After(59).FromCache());
        yield return new(Section, "max-age is stale at its end", Get().Reply("Cache-Control: max-age=60"), Get().After(60).FromOrigin());
        yield return new(Section, "max-age=0 is stale at once", Get().Reply("Cache-Control: max-age=0"), Get().FromOrigin());
        yield return new(Section, "s-maxage goes before a shorter max-age",
            Get().Reply("Cache-Control: max-age=1, s-maxage=60"),
            Get().After(30).FromCache());
        yield return new(Section, "s-maxage goes before a longer max-age",
            Get().Reply("Cache-Control: s-maxage=1, max-age=60"),
            Get().After(30).FromOrigin());
        yield return new(Section, "s-maxage=0 with a long max-age is stale at once",
            Get().Reply("Cache-Control: s-maxage=0, max-age=60"),
            Get().FromOrigin());
        yield return new(Section, "s-maxage goes before Expires",
            Get().Reply("Cache-Control: s-maxage=60", "Expires: {now-10}"),
            Get().After(30).FromCache());
        yield return new(Section, "max-age goes before an Expires in the past",
            Get().Reply("Cache-Control: max-age=60", "Expires: {now-10}"),
            Get().After(30).FromCache());
        yield return new(Section, "max-age goes before an Expires in the future",
            Get().Reply("Cache-Control: max-age=10", "Expires: {now+60}"),
            Get().After(30).FromOrigin());
        yield return new(Section, "max-age goes before an Expires that is no date",
            Get().Reply("Cache-Control: max-age=60", "Expires: 0"),
            Get().After(30).FromCache());
        yield return new(Section, "max-age=0 goes before an Expires in the future",
            Get().Reply("Cache-Control: max-age=0", "Expires: {now+60}"),
            Get().FromOrigin());
        yield return new("RFC 9111 4.2.4", "a stale response is not reused when the origin answers",
            Get().Reply("Cache-Control: max-age=1"),
            Get().After(1000).FromOrigin());
    }

    private static IEnumerable<ConformanceCase> Parsing()
    {
        const string Section = "RFC 9111 5.2";
        foreach (var fresh in (string[])
        [
            "MAX-AGE=60", "mAx-aGe=60", "max-age=\"60\"", "max-age=0060", "max-age=99999999999999999999", "max-age=2147483648", "foo, max-age=60",
            "foo=bar, max-age=60", "foo=\"max-age=0\", max-age=60", "max-age=60, foo=\"a, no-store, b\"", "foo=\"\\\", max-age=0, \\\"\", max-age=60",
            ", ,max-age=60,,", "max-age=60,public", "public\t,\tmax-age=60", "xmax-age=0, max-age=60", "max-agex=0, max-age=60", "immutable, max-age=60",
            "no-storex, max-age=60",
        ])
        {
            yield return new(Section, $"fresh: {fresh}", Get().Reply($"Cache-Control: {fresh}"), Get().After(30).FromCache());
        }

        foreach (var stale in (string[])["max-age=-1", "max-age=abc", "max-age=", "max-age", "max-agex=60", "xmax-age=60", "foo=\"max-age=60\"", "'max-age=60'"])
        {
            yield return new(Section, $"not fresh: {stale}", Get().Reply($"Cache-Control: {stale}"), Get().After(1).FromOrigin());
        }

        foreach (var forbidden in (string[])["NO-STORE, max-age=60", "max-age=60,no-store", "max-age=60, No-Store", "max-age=60, no-store=foo", "no-store, max-age=60, foo=\"bar\""])
        {
            yield return new(Section, $"not stored: {forbidden}", Get().Reply($"Cache-Control: {forbidden}"), Get().After(1).FromOrigin());
        }

        yield return new(Section, "directives on two lines count as one list",
            Get().Reply("Cache-Control: foo", "Cache-Control: max-age=60"),
            Get().After(30).FromCache());
        yield return new(Section, "no-store on a second line counts",
            Get().Reply("Cache-Control: max-age=60", "Cache-Control: no-store"),
            Get().After(1).FromOrigin());
        yield return new("RFC 9111 5.4", "Pragma in a response means nothing",
            Get().Reply("Cache-Control: max-age=60", "Pragma: no-cache"),
            Get().After(30).FromCache());
    }

    private static IEnumerable<ConformanceCase> Expires()
    {
        const string Section = "RFC 9111 5.3";
        yield return new(Section, "Expires in the future is fresh until then",
            Get().Reply("Expires: {now+60}"),
            Get().After(59).FromCache());
        yield return new(Section, "Expires is stale at its date", Get().Reply("Expires: {now+60}"), Get().After(60).FromOrigin());
        yield return new(Section, "Expires in the past is stale", Get().Reply("Expires: {now-60}"), Get().FromOrigin());
        yield return new(Section, "Expires at Date is stale", Get().Reply("Expires: {now}"), Get().FromOrigin());
        yield return new(Section, "Expires counts from the origin's Date, whose clock is slow",
            Get().Reply("Date: {now-10}", "Expires: {now+50}"),
            Get().After(49).FromCache());
        yield return new(Section, "Expires counts from the origin's Date, whose clock is fast",
            Get().Reply("Date: {now+3600}", "Expires: {now+3660}"),
            Get().After(59).FromCache(),
            Get().After(2).FromOrigin());
        yield return new(Section, "Expires in RFC 850 form",
            Get().Reply("Expires: Wednesday, 05-Mar-31 12:00:00 GMT"),
            Get().After(60).FromCache());
        yield return new(Section, "Expires in asctime form", Get().Reply("Expires: Wed Mar  5 12:00:00 2031"), Get().After(60).FromCache());
        foreach (var invalid in (string[])
        [
            "0", "-1", "soon", "", "Wed, 05 Mar 2031 12:00:00 EST", "Wed, 05 Mar 2031 12:00 GMT", "Wed, 05 Mar 2031 12:00:00", "2031-03-05T12:00:00Z", "Wed, 32 Mar 2031 12:00:00 GMT",
            "Wed, 05 Mar 2031 25:00:00 GMT",
        ])
        {
            yield return new(Section, $"Expires that is no date is in the past: \"{invalid}\"",
                Get().Reply($"Expires: {invalid}", "Last-Modified: {now-100000}"),
                Get().After(1).FromOrigin());
        }
    }

    private static IEnumerable<ConformanceCase> Heuristics()
    {
        const string Section = "RFC 9111 4.2.2";
        yield return new(Section, "no lifetime and no Last-Modified is not fresh", Get(), Get().FromOrigin());
        yield return new(Section, "a tenth of the time since Last-Modified",
            Get().Reply("Last-Modified: {now-1000}"),
            Get().After(90).FromCache(),
            Get().After(20).FromOrigin());
        yield return new(Section, "no heuristic beside explicit freshness",
            Get().Reply("Cache-Control: max-age=10", "Last-Modified: {now-10000}"),
            Get().After(20).FromOrigin());
        yield return new(Section, "at most 24 hours",
            Get().Reply("Last-Modified: {now-100000000}"),
            Get().After(86000).FromCache(),
            Get().After(1000).FromOrigin());
        yield return new(Section, "Last-Modified in the future gives nothing",
            Get().Reply("Last-Modified: {now+1000}"),
            Get().After(1).FromOrigin());
        yield return new(Section, "Last-Modified that is no date gives nothing",
            Get().Reply("Last-Modified: long ago"),
            Get().After(1).FromOrigin());
        foreach (var status in (int[])[200, 203, 300, 301, 308, 404, 405, 410, 414, 501])
        {
            yield return new("RFC 9110 15.1", $"{status} is heuristically cacheable",
                Get().Status(status).Reply("Last-Modified: {now-10000}"),
                Get().After(30).FromCache());
        }

        foreach (var status in (int[])[201, 202, 302, 303, 307, 403, 500, 502, 503, 504])
        {
            yield return new("RFC 9110 15.1", $"{status} is not heuristically cacheable",
                Get().Status(status).Reply("Last-Modified: {now-10000}"),
                Get().After(30).FromOrigin());
        }
    }
}
