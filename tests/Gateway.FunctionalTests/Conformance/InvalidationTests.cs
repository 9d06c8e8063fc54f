using static CacheGateway.FunctionalTests.Conformance.ConformanceStep;

namespace CacheGateway.FunctionalTests.Conformance;

/// <summary>Invalidation by unsafe methods (RFC 9111 4.4).</summary>
public sealed class InvalidationTests
{
    private const string Section = "RFC 9111 4.4";
    private const string Hour = "Cache-Control: max-age=3600";

    private static readonly ConformanceTable Table = new([.. Methods(), .. Locations()]);

    public static TheoryData<string> Names => Table.Names;

    [Theory]
    [MemberData(nameof(Names))]
    public Task Invalidation(string name) => Table.RunAsync(name);

    private static IEnumerable<ConformanceCase> Methods()
    {
        foreach (var method in (string[])["POST", "PUT", "DELETE", "PATCH", "M-SEARCH", "FROB"])
        {
            yield return new(Section, $"{method} with 2xx invalidates", Get().Reply(Hour), Send(method), Get().FromOrigin());
            yield return new(Section, $"{method} with 3xx invalidates", Get().Reply(Hour), Send(method).Status(303), Get().FromOrigin());
            yield return new(Section, $"{method} with 4xx does not", Get().Reply(Hour), Send(method).Status(404), Get().FromCache());
            yield return new(Section, $"{method} with 5xx does not", Get().Reply(Hour), Send(method).Status(500), Get().FromCache());
        }

        yield return new(Section, "OPTIONS does not invalidate", Get().Reply(Hour), Send("OPTIONS"), Get().FromCache());
        yield return new(Section, "another query is not invalidated",
            Get().At("/r?a=1").Reply(Hour),
            Send("POST").At("/r"),
            Get().At("/r?a=1").FromCache());
        yield return new(Section, "all variants are invalidated",
            Get("X-A: 1").Reply(Hour, "Vary: X-A"),
            Get("X-A: 2").Reply(Hour, "Vary: X-A"),
            Send("POST"),
            Get("X-A: 1").FromOrigin(),
            Get("X-A: 2").FromOrigin());
    }

    private static IEnumerable<ConformanceCase> Locations()
    {
        foreach (var name in (string[])["Location", "Content-Location"])
        {
            yield return new(Section, $"{name} with a path invalidates",
                Get().At("/other").Reply(Hour),
                Send("POST").Reply($"{name}: /other"),
                Get().At("/other").FromOrigin());
            yield return new(Section, $"{name} relative to the target invalidates",
                Get().At("/a/other").Reply(Hour),
                Send("POST").At("/a/r").Reply($"{name}: other"),
                Get().At("/a/other").FromOrigin());
            yield return new(Section, $"{name} in full invalidates",
                Get("Host: a.test").At("/other").Reply(Hour),
                Send("POST", "Host: a.test").Reply($"{name}: http://a.test/other"),
                Get("Host: a.test").At("/other").FromOrigin());
            yield return new(Section, $"{name} of another host does not",
                Get("Host: b.test").At("/other").Reply(Hour),
                Send("POST", "Host: a.test").Reply($"{name}: http://b.test/other"),
                Get("Host: b.test").At("/other").FromCache());
            yield return new(Section, $"{name} of a failed request does not",
                Get().At("/other").Reply(Hour),
                Send("POST").Status(500).Reply($"{name}: /other"),
                Get().At("/other").FromCache());
        }
    }
}
