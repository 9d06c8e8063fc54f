using static CacheGateway.FunctionalTests.Conformance.ConformanceStep;

namespace CacheGateway.FunctionalTests.Conformance;

/// <summary>Ranges: of complete responses (RFC 9110 14, 15.3.7), and partial responses that are stored (RFC 9111 3.3).</summary>
public sealed class PartialTests
{
    private const string Minute = "Cache-Control: max-age=60";
    private const string Tag = "ETag: \"a\"";
    private const string Digits = "0123456789";

    private static readonly ConformanceTable Table = new([.. OfComplete(), .. OfPartial()]);

    public static TheoryData<string> Names => Table.Names;

    [Theory]
    [MemberData(nameof(Names))]
    public Task Partial(string name) => Table.RunAsync(name);

    private static IEnumerable<ConformanceCase> OfComplete()
    {
        const string Section = "RFC 9110 14.2";
        (string Range, string Body, string ContentRange)[] parts =
        [
            ("0-1", "01", "0-1"), ("9-9", "9", "9-9"), ("4-", "456789", "4-9"), ("-3", "789", "7-9"), ("8-20", "89", "8-9"), ("-20", Digits, "0-9"),
        ];
        foreach (var (range, body, contentRange) in parts)
        {
            yield return new(
                Section,
                $"bytes={range} of a complete response",
                Get().Content(Digits).Reply(Minute, Tag),
                Get($"Range: bytes={range}").FromCache().ClientGets(206, body).With($"Content-Range: bytes {contentRange}/10", $"Content-Length: {body.Length}", Tag));
        }

        yield return new(Section, "a range in capitals",
            Get().Content(Digits).Reply(Minute),
            Get("Range: BYTES=0-1").FromCache().ClientGets(206, "01"));
        yield return new(Section, "an unknown unit is ignored", Get().Content(Digits).Reply(Minute), Get("Range: lines=0-1").FromCache());
        yield return new(Section, "a malformed range is ignored", Get().Content(Digits).Reply(Minute), Get("Range: bytes=b-a").FromCache());
        yield return new("RFC 9110 15.5.17", "a range beyond the end is 416",
            Get().Content(Digits).Reply(Minute),
            Get("Range: bytes=10-").Asks(0).ClientGets(416).With("Content-Range: bytes */10"));
        yield return new("RFC 9110 14.2", "a range on HEAD means nothing",
            Get().Content(Digits).Reply(Minute),
            Send("HEAD", "Range: bytes=0-1").FromCache().With("Content-Length: 10"));
        yield return new("RFC 9110 13.1.5", "If-Range with the same strong ETag",
            Get().Content(Digits).Reply(Minute, Tag),
            Get("Range: bytes=0-1", "If-Range: \"a\"").FromCache().ClientGets(206, "01"));
        yield return new("RFC 9110 13.1.5", "If-Range with another ETag is the whole",
            Get().Content(Digits).Reply(Minute, Tag),
            Get("Range: bytes=0-1", "If-Range: \"b\"").FromCache());
        yield return new("RFC 9110 13.2.2", "If-None-Match goes before Range",
            Get().Content(Digits).Reply(Minute, Tag),
            Get("Range: bytes=0-1", "If-None-Match: \"a\"").Asks(0).ClientGets(304));
    }

    private static IEnumerable<ConformanceCase> OfPartial()
    {
        const string Section = "RFC 9111 3.3";
        var first = Get("Range: bytes=2-5").Status(206).Content("2345").Reply(Minute, Tag, "Content-Range: bytes 2-5/10");
        yield return new(Section, "a range on a miss reaches the origin", first.Saw("Range: bytes=2-5").ClientGets(206, "2345"));
        yield return new(Section, "a partial response does not answer for the whole",
            first,
            Get().Content(Digits).Reply(Minute, Tag).FromOrigin().SawNot("Range"));
        yield return new(Section, "a partial response answers the same range", first, Get("Range: bytes=2-5").FromCache());
        yield return new(Section, "a partial response answers a part of its part",
            first,
            Get("Range: bytes=3-4").FromCache().ClientGets(206, "34").With("Content-Range: bytes 3-4/10"));
        yield return new(Section, "a partial response does not answer beyond its part",
            first,
            Get("Range: bytes=4-7").Status(206).Content("4567").Reply(Minute, Tag, "Content-Range: bytes 4-7/10").FromOrigin().Saw("Range: bytes=4-7").ClientGets(206, "4567"));
        yield return new(Section, "a partial response does not answer when stale",
            first,
            Get("Range: bytes=2-5").After(61).Status(206).Content("2345").Reply(Minute, Tag, "Content-Range: bytes 2-5/10").FromOrigin());
        yield return new(Section, "a complete response after a partial one answers all",
            first,
            Get().Content(Digits).Reply(Minute, Tag),
            Get("Range: bytes=0-1").FromCache(2).ClientGets(206, "01"));
        yield return new(Section, "a 416 is not stored for others",
            Get("Range: bytes=20-").Status(416).Reply("Content-Range: bytes */10"),
            Get().Content(Digits).Reply(Minute).FromOrigin());
    }
}
