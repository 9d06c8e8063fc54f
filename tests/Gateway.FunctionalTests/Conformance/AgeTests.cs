using static CacheGateway.FunctionalTests.Conformance.ConformanceStep;

namespace CacheGateway.FunctionalTests.Conformance;

/// <summary>The age of a response: what came with it, what it spent on the way, what it spent here (RFC 9111 4.2.3, 5.1).</summary>
public sealed class AgeTests
{
    private const string Hour = "Cache-Control: max-age=3600";

    private static readonly ConformanceTable Table = new([.. Arithmetic(), .. Parsing()]);

    public static TheoryData<string> Names => Table.Names;

    [Theory]
    [MemberData(nameof(Names))]
    public Task Age(string name) => Table.RunAsync(name);

    [Fact]
    [Covers("RFC 9111 4.2.3", "the time a response spent on the way counts as age")]
    public async Task Age_OfASlowResponse_CountsItsDelay()
    {
        await using var env = await GatewayEnvironment.StartAsync();
        env.Origin.Get("/slow", Reply.Ok("x", "Cache-Control: max-age=60") with { Dated = false });
        env.Origin.Hold("/slow");
        var first = env.GetAsync("/slow");
        await env.Origin.Reached("/slow");
        env.Time.AdvanceSeconds(20);
        env.Origin.Release("/slow");
        await first;

        env.Time.AdvanceSeconds(10);

        Assert.Equal(30, (await env.GetAsync("/slow")).Age);
    }

    private static IEnumerable<ConformanceCase> Arithmetic()
    {
        const string Section = "RFC 9111 4.2.3";
        yield return new(Section, "Age of the origin's answer counts",
            Get().Reply("Cache-Control: max-age=60", "Age: 30"),
            Get().After(29).FromCache().With("Age: 59"),
            Get().After(1).FromOrigin());
        yield return new(Section, "Age at the lifetime is stale", Get().Reply("Cache-Control: max-age=60", "Age: 60"), Get().FromOrigin());
        yield return new(Section, "Age beyond the lifetime is stale", Get().Reply(Hour, "Age: 7200"), Get().FromOrigin());
        yield return new(Section, "Age counts against Expires", Get().Reply("Expires: {now+60}", "Age: 100"), Get().FromOrigin());
        yield return new(Section, "Age counts against s-maxage", Get().Reply("Cache-Control: s-maxage=60", "Age: 100"), Get().FromOrigin());
        yield return new(Section, "an old Date counts as age",
            Get().Reply("Date: {now-50}", "Cache-Control: max-age=60"),
            Get().After(9).FromCache().With("Age: 59"),
            Get().After(1).FromOrigin());
        yield return new(Section, "the larger of Age and the apparent age counts",
            Get().Reply("Date: {now-10}", "Age: 40", "Cache-Control: max-age=60"),
            Get().After(10).FromCache().With("Age: 50"));
        yield return new(Section, "a Date in the future does not make it younger than nothing",
            Get().Reply("Date: {now+100}", "Cache-Control: max-age=60"),
            Get().After(59).FromCache().With("Age: 59"),
            Get().After(1).FromOrigin());
        yield return new(Section, "no Date means now",
            Get().Undated().Reply("Cache-Control: max-age=60"),
            Get().After(59).FromCache().With("Age: 59"));
        yield return new("RFC 9111 5.1", "Age of a fresh hit is its time here",
            Get().Reply(Hour),
            Get().After(7).FromCache().With("Age: 7"));
        yield return new("RFC 9111 5.1", "Age is sent once", Get().Reply(Hour, "Age: 5"), Get().After(7).FromCache().With("Age: 12"));
        yield return new("RFC 9110 6.6.1", "Date of a stored response stays the origin's",
            Get().Reply(Hour, "Date: {now}"),
            Get().After(7).FromCache().With("Date: {now-7}"));
    }

    private static IEnumerable<ConformanceCase> Parsing()
    {
        const string Section = "RFC 9111 5.1";
        foreach (var ignored in (string[])["abc", "-7200", "7200.0", "", "+7200", "0x1c20"])
        {
            yield return new(Section, $"ignored: \"{ignored}\"", Get().Reply(Hour, $"Age: {ignored}"), Get().FromCache());
        }

        foreach (var old in (string[])["7200, 0", "2147483647", "2147483648", "99999999999999999999", "07200"])
        {
            yield return new(Section, $"old: \"{old}\"", Get().Reply(Hour, $"Age: {old}"), Get().FromOrigin());
        }

        foreach (var young in (string[])["0", "0, 7200", "0, 0", "3599"])
        {
            yield return new(Section, $"young: \"{young}\"", Get().Reply(Hour, $"Age: {young}"), Get().FromCache());
        }

        yield return new(Section, "the first of two lines counts: old", Get().Reply(Hour, "Age: 7200", "Age: 0"), Get().FromOrigin());
        yield return new(Section, "the first of two lines counts: young", Get().Reply(Hour, "Age: 0", "Age: 7200"), Get().FromCache());
    }
}
