using static CacheGateway.FunctionalTests.Conformance.ConformanceStep;

namespace CacheGateway.FunctionalTests.Conformance;

/// <summary>Reuse by the request fields that a response nominates (RFC 9111 4.1).</summary>
public sealed class VaryTests
{
    private const string Minute = "Cache-Control: max-age=60";
    private const string Section = "RFC 9111 4.1";

    private static readonly ConformanceTable Table = new(
        new(Section, "the same value matches", Get("X-A: 1").Reply(Minute, "Vary: X-A"), Get("X-A: 1").FromCache()),
        new(Section, "another value does not", Get("X-A: 1").Reply(Minute, "Vary: X-A"), Get("X-A: 2").FromOrigin()),
        new(Section, "absent does not match present", Get().Reply(Minute, "Vary: X-A"), Get("X-A: 1").FromOrigin()),
        new(Section, "present does not match absent", Get("X-A: 1").Reply(Minute, "Vary: X-A"), Get().FromOrigin()),
        new(Section, "absent matches absent", Get().Reply(Minute, "Vary: X-A"), Get().FromCache()),
        new(Section, "an empty value is not an absent one", Get("X-A:").Reply(Minute, "Vary: X-A"), Get("X-A: 1").FromOrigin()),
        new(Section, "the name is compared without case",
            Get("x-a: 1").Reply(Minute, "Vary: X-a"),
            Get("X-A: 2").FromOrigin(),
            Get("X-A: 1").FromCache()),
        new(Section, "the value is compared with case", Get("X-A: a").Reply(Minute, "Vary: X-A"), Get("X-A: A").FromOrigin()),
        new(Section, "two names must both match",
            Get("X-A: 1", "X-B: 1").Reply(Minute, "Vary: X-A, X-B"),
            Get("X-A: 1", "X-B: 2").FromOrigin(),
            Get("X-A: 1", "X-B: 1").FromCache()),
        new(Section, "names on two lines count",
            Get("X-A: 1", "X-B: 1").Reply(Minute, "Vary: X-A", "Vary: X-B"),
            Get("X-A: 1", "X-B: 2").FromOrigin()),
        new(Section, "names without spaces count",
            Get("X-A: 1", "X-B: 1").Reply(Minute, "Vary: X-A,X-B"),
            Get("X-A: 1", "X-B: 2").FromOrigin()),
        new(Section, "names among empty members count",
            Get("X-A: 1").Reply(Minute, "Vary: ,, X-A ,"),
            Get("X-A: 2").FromOrigin(),
            Get("X-A: 1").FromCache()),
        new(Section, "a star on a second line is a star", Get("X-A: 1").Reply(Minute, "Vary: X-A", "Vary: *"), Get("X-A: 1").FromOrigin()),
        new(Section, "fields that are not named do not matter",
            Get("X-A: 1", "X-B: 1").Reply(Minute, "Vary: X-A"),
            Get("X-A: 1", "X-B: 2").FromCache()),
        new(Section, "lines of one field are compared combined",
            Get("X-A: 1", "X-A: 2").Reply(Minute, "Vary: X-A"),
            Get("X-A: 1, 2").FromCache()),
        new(Section, "the order of members matters where it is not known not to",
            Get("X-A: 1, 2").Reply(Minute, "Vary: X-A"),
            Get("X-A: 2, 1").FromOrigin()),
        new(Section, "several variants live side by side",
            Get("X-A: 1").Reply(Minute, "Vary: X-A"),
            Get("X-A: 2").Reply(Minute, "Vary: X-A").FromOrigin(),
            Get("X-A: 1").FromCache(1),
            Get("X-A: 2").FromCache(2)),
        new(Section, "the newest that matches is served",
            Get().Reply(Minute, "Vary: X-A"),
            Get("X-A: 1").Reply(Minute).FromOrigin(),
            Get().After(1).FromCache(2)),
        new(Section, "each variant keeps its own lifetime",
            Get("X-A: 1").Reply("Cache-Control: max-age=10", "Vary: X-A"),
            Get("X-A: 2").Reply(Minute, "Vary: X-A").FromOrigin(),
            Get("X-A: 2").After(20).FromCache(2),
            Get("X-A: 1").FromOrigin()),
        new(Section, "Vary is sent to clients", Get("X-A: 1").Reply(Minute, "Vary: X-A"), Get("X-A: 1").FromCache().With("Vary: X-A")),
        new("RFC 9110 12.5.3", "codings in another order and spacing are the same",
            Get("Accept-Encoding: gzip, br").Reply(Minute, "Vary: Accept-Encoding"),
            Get("Accept-Encoding: br,gzip").FromCache()),
        new("RFC 9110 12.5.3", "a refused coding is not an accepted one",
            Get("Accept-Encoding: br").Reply(Minute, "Vary: Accept-Encoding"),
            Get("Accept-Encoding: br;q=0").FromOrigin()),
        new("RFC 9110 12.5.4", "languages with weights in another order are the same",
            Get("Accept-Language: de, en;q=0.5").Reply(Minute, "Vary: Accept-Language"),
            Get("Accept-Language: en;q=0.5, de").FromCache()),
        new("RFC 9110 12.5.4", "other weights are another preference",
            Get("Accept-Language: de, en;q=0.5").Reply(Minute, "Vary: Accept-Language"),
            Get("Accept-Language: de;q=0.5, en").FromOrigin()));

    public static TheoryData<string> Names => Table.Names;

    [Theory]
    [MemberData(nameof(Names))]
    public Task Vary(string name) => Table.RunAsync(name);
}
