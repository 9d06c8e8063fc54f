using static CacheGateway.FunctionalTests.Conformance.ConformanceStep;

namespace CacheGateway.FunctionalTests.Conformance;

/// <summary>What a client may ask of a cache (RFC 9111 5.2.1, 5.4), to the letter.</summary>
public sealed class RequestDirectiveTests
{
    private const string Minute = "Cache-Control: max-age=60";
    private const string Tag = "ETag: \"a\"";

    private static readonly ConformanceTable Table = new(
        new("RFC 9111 5.2.1.4", "no-cache is validated",
            Get().Reply(Minute, Tag),
            Get("Cache-Control: no-cache").Reply(Minute, Tag).Validated()),
        new("RFC 9111 5.2.1.4", "no-cache without a validator is fetched",
            Get().Reply(Minute),
            Get("Cache-Control: no-cache").FromOrigin()),
        new("RFC 9111 5.2.1.4", "what no-cache fetched is stored",
            Get().Reply(Minute),
            Get("Cache-Control: no-cache").Reply(Minute).FromOrigin(),
            Get().FromCache(2)),
        new("RFC 9111 5.2.1.4", "NO-CACHE in capitals counts", Get().Reply(Minute), Get("Cache-Control: NO-CACHE").FromOrigin()),
        new("RFC 9111 5.4", "Pragma: no-cache without Cache-Control counts", Get().Reply(Minute), Get("Pragma: no-cache").FromOrigin()),
        new("RFC 9111 5.4", "Pragma: no-cache beside Cache-Control does not",
            Get().Reply(Minute),
            Get("Pragma: no-cache", "Cache-Control: max-age=30").FromCache()),
        new("RFC 9111 5.4", "Pragma with an unknown directive means nothing", Get().Reply(Minute), Get("Pragma: foo").FromCache()),
        new("RFC 9111 5.2.1.1", "max-age=0 is validated",
            Get().Reply(Minute, Tag),
            Get("Cache-Control: max-age=0").Reply(Minute, Tag).Validated()),
        new("RFC 9111 5.2.1.1", "older than max-age is fetched",
            Get().Reply(Minute),
            Get("Cache-Control: max-age=20").After(21).FromOrigin()),
        new("RFC 9111 5.2.1.1", "younger than max-age is served",
            Get().Reply(Minute),
            Get("Cache-Control: max-age=20").After(19).FromCache()),
        new("RFC 9111 5.2.1.1", "max-age counts the age it came with",
            Get().Reply(Minute, "Age: 30"),
            Get("Cache-Control: max-age=20").FromOrigin()),
        new("RFC 9111 5.2.1.3", "min-fresh beyond what is left is fetched",
            Get().Reply(Minute),
            Get("Cache-Control: min-fresh=30").After(31).FromOrigin()),
        new("RFC 9111 5.2.1.3", "min-fresh within what is left is served",
            Get().Reply(Minute),
            Get("Cache-Control: min-fresh=30").After(29).FromCache()),
        new("RFC 9111 5.2.1.2", "max-stale without a value takes any staleness",
            Get().Reply(Minute),
            Get("Cache-Control: max-stale").After(1000).FromCache()),
        new("RFC 9111 5.2.1.2", "within max-stale is served",
            Get().Reply(Minute),
            Get("Cache-Control: max-stale=20").After(70).FromCache().With("Age: 70")),
        new("RFC 9111 5.2.1.2", "beyond max-stale is fetched",
            Get().Reply(Minute),
            Get("Cache-Control: max-stale=20").After(90).FromOrigin()),
        new("RFC 9111 5.2.2.2", "must-revalidate forbids max-stale",
            Get().Reply("Cache-Control: max-age=60, must-revalidate"),
            Get("Cache-Control: max-stale").After(61).FromOrigin()),
        new("RFC 9111 5.2.2.8", "proxy-revalidate forbids max-stale",
            Get().Reply("Cache-Control: max-age=60, proxy-revalidate"),
            Get("Cache-Control: max-stale").After(61).FromOrigin()),
        new("RFC 9111 5.2.2.10", "s-maxage forbids max-stale",
            Get().Reply("Cache-Control: s-maxage=60"),
            Get("Cache-Control: max-stale").After(61).FromOrigin()),
        new("RFC 9111 5.2.1.7", "only-if-cached on a miss is 504", Get("Cache-Control: only-if-cached").Asks(0).ClientGets(504)),
        new("RFC 9111 5.2.1.7", "only-if-cached on a fresh response is served",
            Get().Reply(Minute),
            Get("Cache-Control: only-if-cached").FromCache()),
        new("RFC 9111 5.2.1.7", "only-if-cached on a stale response is 504",
            Get().Reply(Minute),
            Get("Cache-Control: only-if-cached").After(61).Asks(0).ClientGets(504)),
        new("RFC 9111 5.2.1.7", "only-if-cached on another variant is 504",
            Get("X-A: 1").Reply(Minute, "Vary: X-A"),
            Get("X-A: 2", "Cache-Control: only-if-cached").Asks(0).ClientGets(504)),
        new("RFC 9111 5.2.1", "an unknown directive means nothing",
            Get().Reply(Minute),
            Get("Cache-Control: foo, bar=\"no-cache\"").FromCache()));

    public static TheoryData<string> Names => Table.Names;

    [Theory]
    [MemberData(nameof(Names))]
    public Task RequestDirective(string name) => Table.RunAsync(name);
}
