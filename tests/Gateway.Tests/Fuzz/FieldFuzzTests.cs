using CacheGateway.Http;
using CacheGateway.Model;
using CacheGateway.Pipeline;
using CacheGateway.Tests.Http;

namespace CacheGateway.Tests.Fuzz;

/// <summary>Fields as an attacker or a broken origin may write them: nothing throws, nothing hangs, and what is read lies within what was written.</summary>
public sealed class FieldFuzzTests
{
    private static readonly string[] Words =
    [
        ",", ";", "=", "\"", "\\", " ", "\t", "max-age", "s-maxage", "no-store", "private", "99999999999999999999", "-1", "0", "*", "W/\"", "?1", "(", ")", ":", "@1",
        "\u00ff", "\0", ".", "%2e", "/", "//", "GMT",
    ];

    [Fact]
    public void CacheControl_IsReadWithinItsBounds() => Fuzzing.Run(
        "cache-control",
        ["max-age=60, public", "s-maxage=5, no-cache=\"set-cookie, x\", stale-if-error=9", "private, no-store, must-revalidate", "max-age=\"60\""],
        Words,
        text =>
        {
            var response = ResponseDirectives.Parse([text, text]);
            Assert.True(response.MaxAge is null or >= 0);
            Assert.True(response.SMaxAge is null or >= 0);
            RequestDirectives.Parse(text, text);
            RequestDirectives.Parse(null, text);
        });

    [Fact]
    public void CacheControl_NoStoreOnALineOfItsOwn_IsNeverOverlooked() => Fuzzing.Run("no-store", ["max-age=60, public", "s-maxage=5", "x=\"y\"", ""], Words, text =>
    {
        Assert.True(ResponseDirectives.Parse([text, "no-store"]).NoStore);
        Assert.True(ResponseDirectives.Parse(["no-store", text]).NoStore);
    });

    [Fact]
    public void StructuredFields_EndWithTheirText() => Fuzzing.Run(
        "structured",
        ["max-age=60, public", "a;b=1, c=?1, d=\"x\\\"y\", e=:aGk=:", "no-store=?0, max-age=5;x", "\"g1\", \"g2\";p", "a=(1 2);b, c=1.5"],
        Words,
        text =>
        {
            TargetedCacheControl.Parse(text);
            foreach (var group in CacheGroups.Parse(text))
            {
                Assert.InRange(group.Length, 1, text.Length);
            }

            var reader = new StructuredFieldReader(text);
            for (var members = 0; reader.Read(); members++)
            {
                Assert.InRange(members, 0, text.Length);
            }
        });

    [Fact]
    public void Vary_ValuesAreTheSameOnceTheyAreNormal() => Fuzzing.Run(
        "vary",
        ["gzip, deflate, br", "en, de;q=0.5, *;q=0", "x-gzip;q=1.000, identity;q=0", "a=1; b=2", "Mozilla/5.0 (KHTML, like Gecko)"],
        [.. Words, "q=", ";q=0.", "gzip", "identity", "en-"],
        text =>
        {
            foreach (var name in (string[])["Accept-Encoding", "Accept-Language", "Accept", "X-Any", "Cookie"])
            {
                var normal = VaryRules.Normalise(name, text, VaryAction.Normalise)!;
                Assert.InRange(normal.Length, 0, text.Length);
                Assert.Equal(normal, VaryRules.Normalise(name, normal, VaryAction.Normalise));
                var stored = VaryRules.Capture([name], Given.With($"{name}: {text}"), Given.Rfc9111);
                Assert.True(VaryRules.Matches(stored, Given.With($"{name}: {text}"), Given.Rfc9111));
                Assert.False(VaryRules.Matches(stored, Given.With(), Given.Rfc9111));
            }

            // Nobody gets a coding that was not offered, or that is refused in words.
            var chosen = ContentCoding.Choose(text, ["br", "gzip"]);
            Assert.True(chosen is null or "br" or "gzip" or ContentCoding.Identity);
            Assert.True(chosen is null or ContentCoding.Identity || text.Contains(chosen, StringComparison.OrdinalIgnoreCase) || text.Contains('*', StringComparison.Ordinal));
        });

    [Fact]
    public void Vary_NamesOfAResponse_AreReadOrMakeItUnstorable() => Fuzzing.Run("vary-names", ["Accept-Encoding, Accept-Language", "*", "Cookie,Origin"], Words, text =>
    {
        var facts = ResponseFacts.From(200, [new HeaderField("Vary", text), new HeaderField("Cache-Control", "max-age=60")], []);
        var isStar = text.Split(',').Any(name => name.Trim(' ', '\t') == "*");
        Assert.False(isStar && Given.Verdict(facts, Given.Rfc9111).Store);
    });

    [Fact]
    public void Dates_AreReadAsTheyAreWritten() => Fuzzing.Run(
        "dates",
        ["Sun, 06 Nov 1994 08:49:37 GMT", "Sunday, 06-Nov-94 08:49:37 GMT", "Sun Nov  6 08:49:37 1994"],
        [.. Words, "Nov", "31", "Feb", "24:60:60", "0000", "9999"],
        text =>
        {
            if (HttpDate.Parse(text) is { } date)
            {
                Assert.Equal(date, HttpDate.Parse(HttpDate.Format(date)));
            }
        });

    [Fact]
    public void Ranges_LieWithinTheBody() => Fuzzing.Run(
        "ranges",
        ["bytes=0-0", "bytes=-5", "bytes=5-", "bytes=0-1,3-4", "bytes=9-4", "cows=1-2", "bytes 0-4/10"],
        [.. Words, "-", "bytes", "9223372036854775807"],
        text =>
        {
            var stored = Given.Stored(Given.Response("ETag: \"a\""));
            if (Ranges.Evaluate(text, null, stored, out var selected) == RangeOutcome.Partial)
            {
                Assert.InRange(selected.First, 0, stored.Body.Length - 1);
                Assert.InRange(selected.Last, selected.First, stored.Body.Length - 1);
            }

            Ranges.Evaluate("bytes=0-0", text, stored, out _);
            ContentRange.Parse(text);
        });

    [Fact]
    public void EntityTagsAndCookies_GiveNoMoreThanTheyHave() => Fuzzing.Run(
        "tags-and-cookies", ["\"a\", W/\"b\", \"c,d\"", "*", "a=1; b=2; a=3", "a=\"x;y\"; =z;;"], Words, text =>
    {
        EntityTags.Lists(text, "\"a\"", strong: true);
        EntityTags.Lists(text, text, strong: false);

        // A space may come to stand behind each separator.
        Assert.InRange(CookieValues.Select(text, ["a", "b"]).Length, 0, text.Length + text.Count(c => c == ';'));
    });

    [Fact]
    public void Targets_AreTheSameOnceTheyAreCanonical() => Fuzzing.Run(
        "targets", ["/a/b?x=1&utm_a=2", "http://gw.test/a?b", "*", "/a;b/../c", "/%2e%2E/x?&&"], [.. Words, "?", "&", "utm_", "#", "..", "%"], text =>
    {
        if (RequestTarget.OriginForm(text) is not { } target)
        {
            return;
        }

        Assert.StartsWith("/", target, StringComparison.Ordinal);
        Assert.Equal(target, RequestTarget.OriginForm(target));
        RequestTarget.IsKeyable(target);
        var applied = QueryRules.Apply(target, KeyRules.Default with { QueryIgnore = ["utm_*"], QuerySort = true });
        Assert.Equal(applied, QueryRules.Apply(applied, KeyRules.Default with { QueryIgnore = ["utm_*"], QuerySort = true }));
        Assert.InRange(applied.Length, 1, target.Length);
        var query = applied.IndexOf('?', StringComparison.Ordinal);
        Assert.DoesNotContain(query < 0 ? [] : applied[(query + 1)..].Split('&'), parameter => parameter.StartsWith("utm_", StringComparison.Ordinal));
    });

    [Fact]
    public void Authorities_HaveOneForm() => Fuzzing.Run("authorities", ["gw.test", "GW.test.:80", "[::1]:443", "127.0.0.1:8080", "a_b~c.d", "xn--bcher-kva.test"], [.. Words, "[", "]", "::", "443", "80", "65536"], text =>
    {
        if (RequestTarget.NormaliseAuthority(text, "http") is { } authority)
        {
            Assert.Equal(authority, RequestTarget.NormaliseAuthority(authority, "http"));
            Assert.DoesNotContain(authority, c => c is <= ' ' or > '~' or '/' or '@' or '?' or '#' or '\\' or ',' || char.IsAsciiLetterUpper(c));
        }
    });

    [Fact]
    public void Hosts_ThatArePassedOn_AreWrittenAsTheyCame() => Fuzzing.Run("hosts", ["gw.test", "a-b.c:8080", "0.-1a", "9.x-", "a_b~c.d", "[::1]:443", new string('a', 190)], ["-", ".", "0", "9", "_", "~", ":", "[", "]", "80", "xn--"], text =>
    {
        using var request = new HttpRequestMessage();
        request.Headers.TryAddWithoutValidation("Host", text);
        Assert.Equal(request.Headers.Host == text, HostName.IsWritable(text));
    });
}
