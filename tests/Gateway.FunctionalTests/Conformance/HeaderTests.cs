using static CacheGateway.FunctionalTests.Conformance.ConformanceStep;

namespace CacheGateway.FunctionalTests.Conformance;

/// <summary>What the gateway says about itself and its decisions.</summary>
public sealed class HeaderTests
{
    private const string Minute = "Cache-Control: max-age=60";

    private static readonly ConformanceTable Table = new(
        new("RFC 9211 2.1", "a hit says so",
            Get().Reply(Minute),
            Get().After(10).FromCache().With("Cache-Status: CacheGateway; hit; ttl=50; detail=fresh")),
        new("RFC 9211 2.2", "a miss that is stored",
            Get().Reply(Minute).With("Cache-Status: CacheGateway; fwd=uri-miss; fwd-status=200; stored; ttl=60; detail=miss")),
        new("RFC 9211 2", "an inner cache's status comes before ours",
            Get().Reply(Minute, "Cache-Status: inner; hit").With("Cache-Status: inner; hit, CacheGateway; fwd=uri-miss; fwd-status=200; stored; ttl=60; detail=miss")),
        new("RFC 9110 7.6.3", "Via names the hop in a response",
            Get().Reply(Minute).With("Via: 1.1 CacheGateway"),
            Get().FromCache().With("Via: 1.1 CacheGateway")),
        new("RFC 9110 7.6.3", "Via of an inner hop is kept",
            Get().Reply(Minute, "Via: 1.1 inner").With("Via: 1.1 inner, 1.1 CacheGateway")),
        new("RFC 9110 7.6.3", "Via names the hop in a request", Get().Reply(Minute).Saw("Via: 1.1 CacheGateway")),
        new("RFC 9111 5.1", "no Age on an answer that comes straight from the origin", Get().Reply(Minute).Without("Age")),
        new("RFC 9111 5.1", "an Age of the origin goes through", Get().Reply(Minute, "Age: 5").With("Age: 5")));

    public static TheoryData<string> Names => Table.Names;

    [Theory]
    [MemberData(nameof(Names))]
    public Task Header(string name) => Table.RunAsync(name);
}
