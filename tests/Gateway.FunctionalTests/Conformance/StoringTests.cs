using CacheGateway.Model;
using static CacheGateway.FunctionalTests.Conformance.ConformanceStep;

namespace CacheGateway.FunctionalTests.Conformance;

/// <summary>What is stored (RFC 9111 3) and with which fields (3.1), and what credentials change (3.5).</summary>
public sealed class StoringTests
{
    private const string Minute = "Cache-Control: max-age=60";

    private static readonly ConformanceTable Table = new([.. Directives(), .. Statuses(), .. Fields(), .. Authorization(), .. Methods()]);

    public static TheoryData<string> Names => Table.Names;

    [Theory]
    [MemberData(nameof(Names))]
    public Task Storing(string name) => Table.RunAsync(name);

    private static IEnumerable<ConformanceCase> Directives()
    {
        yield return new("RFC 9111 5.2.2.5", "no-store in the response",
            Get().Reply("Cache-Control: no-store, max-age=60"),
            Get().FromOrigin());
        yield return new("RFC 9111 5.2.2.5", "no-store in the response, with Expires",
            Get().Reply("Cache-Control: no-store", "Expires: {now+60}"),
            Get().FromOrigin());
        yield return new("RFC 9111 5.2.1.5", "no-store in the request", Get("Cache-Control: no-store").Reply(Minute), Get().FromOrigin());
        yield return new("RFC 9111 5.2.2.7", "private", Get().Reply("Cache-Control: private, max-age=60"), Get().FromOrigin());
        yield return new("RFC 9111 5.2.2.7", "private beside s-maxage",
            Get().Reply("Cache-Control: private, s-maxage=60"),
            Get().FromOrigin());
        yield return new("RFC 9111 5.2.2.7", "private with field names keeps the field from others",
            Get().Reply("Cache-Control: max-age=60, private=\"X-Own\"", "X-Own: 1"),
            Get().After(1).FromCache().Without("X-Own"));
        yield return new("RFC 9111 5.2.2.4", "no-cache is stored and validated",
            Get().Reply("Cache-Control: no-cache, max-age=60", "ETag: \"a\""),
            Get().Reply("Cache-Control: no-cache, max-age=60", "ETag: \"a\"").Validated());
        yield return new("RFC 9111 5.2.2.4", "no-cache without a validator is fetched",
            Get().Reply("Cache-Control: no-cache, max-age=60"),
            Get().FromOrigin());
        yield return new("RFC 9111 5.2.2.3", "must-understand with a known status overrides no-store",
            Get().Reply("Cache-Control: must-understand, no-store, max-age=60"),
            Get().FromCache());
        yield return new("RFC 9111 5.2.2.3", "must-understand with an unknown status is not stored",
            Get().Status(499).Reply("Cache-Control: must-understand, max-age=60"),
            Get().FromOrigin());
        yield return new("RFC 9111 5.2.2.9", "public alone gives no lifetime", Get().Reply("Cache-Control: public"), Get().FromOrigin());
        yield return new("RFC 9111 4.1", "Vary: * is never reused", Get().Reply(Minute, "Vary: *"), Get().FromOrigin());
        yield return new("RFC 9111 4.1", "a star among names is never reused", Get().Reply(Minute, "Vary: Accept, *"), Get().FromOrigin());
        yield return new("RFC 9111 3", "Set-Cookie does not forbid storing",
            Get().Reply(Minute, "Set-Cookie: a=b"),
            Get().FromCache().With("Set-Cookie: a=b"));
        yield return new("RFC 9111 3", "Set-Cookie is not stored by the safe profile",
            Get().Reply(Minute, "Set-Cookie: a=b"),
            Get().FromOrigin())
        { Profile = CacheProfile.Safe };
        yield return new("RFC 9111 3", "a cookie in the request does not forbid storing",
            Get("Cookie: a=b").Reply(Minute),
            Get().FromCache());
    }

    private static IEnumerable<ConformanceCase> Statuses()
    {
        foreach (var status in (int[])[200, 203, 204, 299, 300, 301, 302, 303, 307, 308, 400, 401, 403, 404, 405, 410, 414, 418, 451, 500, 501, 502, 503, 504, 599])
        {
            yield return new("RFC 9111 3", $"{status} with explicit freshness is stored",
                Get().Status(status).Reply(Minute),
                Get().FromCache());
        }

        foreach (var status in (int[])[400, 403, 500, 503])
        {
            yield return new("RFC 9111 3", $"{status} is not stored by the safe profile",
                Get().Status(status).Reply(Minute),
                Get().FromOrigin())
            { Profile = CacheProfile.Safe };
        }
    }

    private static IEnumerable<ConformanceCase> Fields()
    {
        const string Section = "RFC 9111 3.1";
        yield return new(
            Section,
            "all fields are stored, known and unknown",
            Get().Reply(Minute, "X-Unknown: a", "Content-Type: text/x", "Content-Language: de", "Content-Security-Policy: x", "ETag: \"e\"", "Allow: GET", "Link: </l>"),
            Get().FromCache().With("X-Unknown: a", "Content-Type: text/x", "Content-Language: de", "Content-Security-Policy: x", "ETag: \"e\"", "Allow: GET", "Link: </l>", Minute));
        yield return new(Section, "several lines of a field are kept in order",
            Get().Reply(Minute, "X-List: b", "X-List: a, c"),
            Get().FromCache().With("X-List: b, a, c"));
        yield return new(Section, "fields that Connection names are not stored",
            Get().Reply(Minute, "Connection: X-Hop", "X-Hop: 1"),
            Get().FromCache().Without("X-Hop"));
        yield return new(
            Section,
            "hop-by-hop fields are not stored",
            Get().Reply(Minute, "Keep-Alive: timeout=1", "Proxy-Authenticate: Basic", "Proxy-Connection: x", "Proxy-Authentication-Info: x", "TE: x", "Upgrade: x"),
            Get().FromCache().Without("Keep-Alive", "Proxy-Authenticate", "Proxy-Connection", "Proxy-Authentication-Info", "TE", "Upgrade"));
        yield return new("RFC 9110 8.4", "a content coding is kept with its bytes",
            Get().Content("squeezed").Reply(Minute, "Content-Encoding: x-test"),
            Get().FromCache().With("Content-Encoding: x-test"));
        yield return new("RFC 9111 5.5", "Warning is not made up for a stale answer",
            Get().Reply("Cache-Control: max-age=1, stale-if-error=60"),
            Get().After(10).Status(503).FromCache().Asks(1).Without("Warning"));
    }

    private static IEnumerable<ConformanceCase> Authorization()
    {
        const string Section = "RFC 9111 3.5";
        const string Alice = "Authorization: Bearer alice";
        yield return new(Section, "with Authorization it is not stored", Get(Alice).Reply(Minute), Get().FromOrigin());
        yield return new(Section, "with Authorization it is not stored for the same one either",
            Get(Alice).Reply(Minute),
            Get(Alice).FromOrigin());
        yield return new(Section, "public allows it", Get(Alice).Reply("Cache-Control: public, max-age=60"), Get().FromCache());
        yield return new(Section, "s-maxage allows it", Get(Alice).Reply("Cache-Control: s-maxage=60"), Get().FromCache());
        yield return new(Section, "must-revalidate allows it",
            Get(Alice).Reply("Cache-Control: must-revalidate, max-age=60"),
            Get().FromCache());
        yield return new(Section, "must-revalidate is honoured when it is stale",
            Get(Alice).Reply("Cache-Control: must-revalidate, max-age=60, stale-while-revalidate=60"),
            Get().After(61).FromOrigin());
        yield return new(Section, "what was stored without Authorization may be reused with it",
            Get().Reply(Minute),
            Get(Alice).FromCache());
        yield return new(Section, "Expires alone does not allow it", Get(Alice).Reply("Expires: {now+60}"), Get().FromOrigin());
    }

    private static IEnumerable<ConformanceCase> Methods()
    {
        yield return new("RFC 9111 2", "an answer to POST is not reused for GET", Send("POST").Reply(Minute), Get().FromOrigin());
        yield return new("RFC 9111 2", "an answer to PUT is not reused for GET", Send("PUT").Reply(Minute), Get().FromOrigin());
        yield return new("RFC 9111 2", "an answer to OPTIONS is not reused", Send("OPTIONS").Reply(Minute), Send("OPTIONS").FromOrigin());
        yield return new("RFC 9111 2", "an answer to HEAD is not reused for GET", Send("HEAD").Reply(Minute), Get().FromOrigin());
        yield return new("RFC 9111 4", "an answer to GET is reused for HEAD", Get().Reply(Minute), Send("HEAD").FromCache());
        yield return new("RFC 9110 9.1", "methods are case-sensitive", Get().Reply(Minute), Send("get").Asks(0).ClientGets(501));
        yield return new("RFC 9111 4", "another query is another key",
            Get().At("/r?a=1").Reply(Minute),
            Get().At("/r?a=2").FromOrigin(),
            Get().At("/r").FromOrigin());
        yield return new("RFC 9111 2", "another host is another key", Get("Host: a.test").Reply(Minute), Get("Host: b.test").FromOrigin());
        yield return new("RFC 9110 4.2.3", "host names are compared without case",
            Get("Host: a.test").Reply(Minute),
            Get("Host: A.TEST").FromCache());
        yield return new("RFC 9110 4.2.3", "the default port is the same as none",
            Get("Host: a.test").Reply(Minute),
            Get("Host: a.test:80").FromCache());
    }
}
