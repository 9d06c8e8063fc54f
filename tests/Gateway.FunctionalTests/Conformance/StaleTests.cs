using static CacheGateway.FunctionalTests.Conformance.ConformanceStep;

namespace CacheGateway.FunctionalTests.Conformance;

/// <summary>When a stale response may be served (RFC 9111 4.2.4, RFC 5861).</summary>
public sealed class StaleTests
{
    private static readonly ConformanceTable Table = new(
    [
        new("RFC 5861 4", "stale-if-error covers its window",
            Get().Reply("Cache-Control: max-age=60, stale-if-error=60"),
            Get().After(119).Status(503).FromCache().Asks(1)),
        new("RFC 5861 4", "stale-if-error ends",
            Get().Reply("Cache-Control: max-age=60, stale-if-error=60"),
            Get().After(121).Status(503).FromOrigin()),
        new("RFC 5861 4", "a client may ask for stale-if-error",
            Get().Reply("Cache-Control: max-age=60"),
            Get("Cache-Control: stale-if-error=600").After(90).Status(503).FromCache().Asks(1)),
        new("RFC 5861 4", "stale-if-error is for errors only",
            Get().Reply("Cache-Control: max-age=60, stale-if-error=60"),
            Get().After(61).FromOrigin()),
        new("RFC 5861 4", "stale-if-error does not cover a 404",
            Get().Reply("Cache-Control: max-age=60, stale-if-error=60"),
            Get().After(61).Status(404).FromOrigin()),
        .. Forbidden(),
    ]);

    public static TheoryData<string> Names => Table.Names;

    [Theory]
    [MemberData(nameof(Names))]
    public Task Stale(string name) => Table.RunAsync(name);

    private static IEnumerable<ConformanceCase> Forbidden()
    {
        foreach (var (section, directive) in ((string, string)[])[("RFC 9111 5.2.2.2", "must-revalidate"), ("RFC 9111 5.2.2.8", "proxy-revalidate"), ("RFC 9111 5.2.2.10", "s-maxage=60")])
        {
            yield return new(section, $"{directive} forbids stale-if-error",
                Get().Reply($"Cache-Control: max-age=60, stale-if-error=600, {directive}"),
                Get().After(61).Status(503).FromOrigin());
            yield return new(section, $"{directive} forbids stale-while-revalidate",
                Get().Reply($"Cache-Control: max-age=60, stale-while-revalidate=600, {directive}"),
                Get().After(61).FromOrigin());
            yield return new(section, $"{directive} forbids max-stale for what a HEAD put out of use, too",
                Get().Reply($"Cache-Control: max-age=60, {directive}", "ETag: \"a\""),
                Send("HEAD", "Cache-Control: no-cache").After(1).Reply("Cache-Control: max-age=60", "ETag: \"b\"").Content("1"),
                Get("Cache-Control: max-stale").FromOrigin());
        }

        yield return new("RFC 9111 5.2.2.4", "no-cache forbids stale-if-error",
            Get().Reply("Cache-Control: no-cache, max-age=60, stale-if-error=600"),
            Get().After(61).Status(503).FromOrigin());
    }
}
