using static CacheGateway.FunctionalTests.Conformance.ConformanceStep;

namespace CacheGateway.FunctionalTests.Conformance;

/// <summary>CDN-Cache-Control (RFC 9213): a structured dictionary that, when valid, stands in for Cache-Control and Expires.</summary>
public sealed class TargetedTests
{
    private const string Section = "RFC 9213 2.1";
    private const string Parsing = "RFC 9213 2.2";

    private static readonly ConformanceTable Table = new(
    [
        new(Section, "CDN max-age alone", Get().Reply("CDN-Cache-Control: max-age=60"), Get().After(30).FromCache()),
        new(Section, "CDN max-age goes before a shorter max-age",
            Get().Reply("Cache-Control: max-age=1", "CDN-Cache-Control: max-age=60"),
            Get().After(30).FromCache()),
        new(Section, "CDN max-age goes before a longer max-age",
            Get().Reply("Cache-Control: max-age=60", "CDN-Cache-Control: max-age=1"),
            Get().After(30).FromOrigin()),
        new(Section, "CDN max-age goes before s-maxage",
            Get().Reply("Cache-Control: s-maxage=60", "CDN-Cache-Control: max-age=1"),
            Get().After(30).FromOrigin()),
        new(Section, "CDN max-age goes before Expires",
            Get().Reply("Expires: {now-10}", "CDN-Cache-Control: max-age=60"),
            Get().After(30).FromCache()),
        new(Section, "CDN max-age goes before no-store",
            Get().Reply("Cache-Control: no-store", "CDN-Cache-Control: max-age=60"),
            Get().After(30).FromCache()),
        new(Section, "CDN max-age goes before private",
            Get().Reply("Cache-Control: private", "CDN-Cache-Control: max-age=60"),
            Get().After(30).FromCache()),
        new(Section, "CDN no-store goes before max-age",
            Get().Reply("Cache-Control: max-age=60", "CDN-Cache-Control: no-store"),
            Get().FromOrigin()),
        new(Section, "CDN private goes before max-age",
            Get().Reply("Cache-Control: max-age=60", "CDN-Cache-Control: private"),
            Get().FromOrigin()),
        new(Section, "CDN no-cache goes before max-age",
            Get().Reply("Cache-Control: max-age=60", "CDN-Cache-Control: no-cache"),
            Get().FromOrigin()),
        new(Section, "Expires is ignored beside a valid targeted field without lifetime",
            Get().Reply("Expires: {now+60}", "CDN-Cache-Control: foo"),
            Get().FromOrigin()),
        new(Section, "Age counts against CDN max-age", Get().Reply("CDN-Cache-Control: max-age=60", "Age: 100"), Get().FromOrigin()),
        new(Section, "the gateway's own name goes before CDN",
            Get().Reply("CacheGateway-Cache-Control: max-age=60", "CDN-Cache-Control: max-age=1"),
            Get().After(30).FromCache()),
        new(Parsing, "several lines are one dictionary",
            Get().Reply("CDN-Cache-Control: foo", "CDN-Cache-Control: max-age=60"),
            Get().After(30).FromCache()),
        new(Parsing, "the last of two members with one key counts",
            Get().Reply("CDN-Cache-Control: max-age=1, max-age=60"),
            Get().After(30).FromCache()),
        new(Parsing, "parameters of a member are ignored", Get().Reply("CDN-Cache-Control: max-age=60;x=y"), Get().After(30).FromCache()),
        new(Parsing, "a field sent to clients is kept",
            Get().Reply("CDN-Cache-Control: max-age=60"),
            Get().FromCache().With("CDN-Cache-Control: max-age=60")),
        .. Invalid(),
    ]);

    public static TheoryData<string> Names => Table.Names;

    [Theory]
    [MemberData(nameof(Names))]
    public Task Targeted(string name) => Table.RunAsync(name);

    private static IEnumerable<ConformanceCase> Invalid()
    {
        foreach (var invalid in (string[])["", "max-age=60,", "MAX-AGE=1", "max-age =1", "max-age= 1", "foo=\"bar, max-age=1", "max-age=1 no-store", "ünkown"])
        {
            yield return new(Parsing, $"an invalid field is ignored: \"{invalid}\"",
                Get().Reply("Cache-Control: max-age=60", $"CDN-Cache-Control: {invalid}"),
                Get().After(30).FromCache());
        }
    }
}
