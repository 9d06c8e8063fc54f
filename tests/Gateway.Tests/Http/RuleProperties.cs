using CacheGateway.Http;
using CacheGateway.Model;
using FsCheck;
using FsCheck.Fluent;

namespace CacheGateway.Tests.Http;

/// <summary>What must hold for every input, tried on random ones made of the pieces that matter.</summary>
public sealed class RuleProperties
{
    private static readonly Arbitrary<string> Directives = Text(
        "max-age", "s-maxage", "no-cache", "private", "no-store", "=", "\"", ",", " ", "\t", "3600", "-1", "99999999999", "\\", "'", ";", "a", "?1", "(", ")", ":", "ü", ".");

    private static readonly Arbitrary<string> Codings = Text(
        "gzip", "br", "x-gzip", "GZIP", "identity", "*", ",", " , ", ";q=0", ";q=0.5", ";q=0.50", ";q=1.000", ";q=1", ";q=2", ";", "q", "\"", "\\", "é");

    [Fact]
    [Covers("RFC 9111 5.2", "any text is parsed without failing")]
    public void Directives_AnyText_NeverThrow() => Prop.ForAll(Directives, text =>
    {
        RequestDirectives.Parse(text, text);
        var lines = ResponseDirectives.Parse([text, text]);
        TargetedCacheControl.Parse(text);
        return lines.MaxAge is null or (>= 0 and <= 2147483648) && lines.SMaxAge is null or (>= 0 and <= 2147483648);
    }).Holds();

    [Fact]
    public void Directives_Reader_StaysWithinTheText() => Prop.ForAll(Directives, text =>
    {
        var reader = new DirectiveReader(text);
        var read = 0;
        while (reader.Read())
        {
            read += reader.Name.Length + reader.Value.Length;
        }

        return read <= text.Length;
    }).Holds();

    [Fact]
    public void Fields_AnyText_NeverThrow() => Prop.ForAll(Directives, Codings, (a, b) =>
    {
        var text = a + b;
        var facts = Given.Response(206, "Vary: " + text, "Age: " + text, "Expires: " + text, "Content-Range: bytes " + text, "Content-Length: " + text);
        var stored = Given.Stored(facts);
        Preconditions.Evaluate(new RequestFacts { IfNoneMatch = text, IfMatch = text, IfModifiedSince = text }, stored);
        HttpDate.Parse(text);
        return facts.AgeSeconds >= 0;
    }).Holds();

    [Fact]
    [Covers("RFC 9111 4.2.3", "age only grows")]
    public void Freshness_LaterMoment_IsNeverFresher() => Prop.ForAll<NonNegativeInt, NonNegativeInt, NonNegativeInt>((lifetime, age, later) =>
    {
        var freshness = Given.Freshness(Given.Response($"Cache-Control: max-age={lifetime.Get}", $"Age: {age.Get}"), Given.Rfc9111);
        var now = Given.Received.Monotonic;
        var then = now + later.Get;
        return freshness.AgeAt(then) >= freshness.AgeAt(now) && (freshness.IsFreshAt(now) || !freshness.IsFreshAt(then));
    }).Holds();

    [Fact]
    public void Freshness_Jitter_NeverLengthensNorTakesMoreThanItsPart() => Prop.ForAll<NonNegativeInt, byte>((ttl, draw) =>
    {
        var policy = Given.Safe with { Ttl = TimeSpan.FromSeconds(ttl.Get), Jitter = 0.5 };
        var lifetime = Given.Freshness(Given.Response(), policy, draw / 256.0).Lifetime;
        return lifetime <= ttl.Get * 1000L && lifetime >= ttl.Get * 500L;
    }).Holds();

    [Fact]
    [Covers("RFC 9111 3.2", "merging the same 304 again changes nothing")]
    public void Merge_Twice_IsMergeOnce()
    {
        var name = Gen.Elements("A", "a", "B", "Date", "Age", "Content-Length", "Content-Encoding", "Connection", "Set-Cookie", "ETag");
        var fields = (from n in name from v in Gen.Elements("1", "2", "a, b", "close") select new HeaderField(n, v)).ArrayOf().ToArbitrary();
        Prop.ForAll(fields, fields, (stored, fresh) =>
        {
            var once = NotModifiedMerge.Apply(stored, fresh);
            return once.SequenceEqual(NotModifiedMerge.Apply(once, fresh));
        }).Holds();
    }

    [Fact]
    [Covers("RFC 9110 5.6.7", "a date survives being written and read")]
    public void HttpDate_WrittenAndRead_IsTheSameSecond() => Prop.ForAll<DateTime>(date =>
    {
        var second = new DateTimeOffset(date.Ticks - (date.Ticks % TimeSpan.TicksPerSecond), TimeSpan.Zero);
        return HttpDate.Parse(HttpDate.Format(second)) == second;
    }).Holds();

    [Fact]
    [Covers("RFC 9110 14.1.2", "a selected range lies within the representation")]
    public void Range_AnyNumbers_LieWithinTheBody() => Prop.ForAll<long, long, byte>((first, last, length) =>
    {
        var stored = Given.Stored(Given.Response(), body: new string('x', length));
        string[] ranges = [$"bytes={first}-{last}", $"bytes={first % 300}-{last % 300}", $"bytes={first % 300}-", $"bytes=-{last % 300}"];
        return ranges.All(range => Ranges.Evaluate(range, null, stored, out var selected) != RangeOutcome.Partial
            || (selected.First >= 0 && selected.First <= selected.Last && selected.Last < length));
    }).Holds();

    [Fact]
    public void Normalise_Twice_IsNormaliseOnceAndNeverLonger() => Prop.ForAll(Codings, text => new[] { "Accept-Encoding", "Accept-Language", "Foo", "Cookie" }.All(name =>
    {
        var once = VaryRules.Normalise(name, text, VaryAction.Normalise)!;
        return once.Length <= text.Length && VaryRules.Normalise(name, once, VaryAction.Normalise) == once;
    })).Holds();

    [Fact]
    [Covers("RFC 9111 4.1", "matching is the same as comparing normalised values")]
    public void Matches_AnyTwoValues_AgreesWithNormalise() => Prop.ForAll(Codings, Codings, (a, b) =>
    {
        var stored = VaryRules.Capture(["Accept-Encoding"], new One(a), Given.Rfc9111);
        var same = VaryRules.Normalise("Accept-Encoding", a, VaryAction.Normalise) == VaryRules.Normalise("Accept-Encoding", b, VaryAction.Normalise);
        return VaryRules.Matches(stored, new One(b), Given.Rfc9111) == same && VaryRules.Matches(stored, new One(a), Given.Rfc9111);
    }).Holds();

    [Fact]
    [Covers("RFC 9110 12.5.3", "a refused coding is never chosen, nor shared with one who accepts it")]
    public void Coding_Refused_IsNeitherChosenNorShared()
    {
        var weights = Gen.Elements("", ";q=0", ";q=0.5", ";q=1").Select(weight => weight).ArrayOf(4);
        var header = weights.Select(w => $"br{w[0]}, gzip{w[1]}, identity{w[2]}, *{w[3]}").ToArbitrary();
        Prop.ForAll(header, header, (a, b) =>
        {
            var choice = ContentCoding.Choose(a, ["br", "gzip"]);
            var stored = VaryRules.Capture(["Accept-Encoding"], new One(a), Given.Rfc9111);
            var shared = VaryRules.Matches(stored, new One(b), Given.Rfc9111);
            return (choice is null || !a.Contains(choice + ";q=0,", StringComparison.Ordinal))
                && (!shared || choice is null || !b.Contains(choice + ";q=0,", StringComparison.Ordinal));
        }).Holds();
    }

    private static Arbitrary<string> Text(params string[] pieces) =>
        Gen.Elements(pieces).ArrayOf().Select(string.Concat).ToArbitrary();

    private readonly record struct One(string Value) : IHeaderSource
    {
        public string? Find(string name) => Value;
    }
}
