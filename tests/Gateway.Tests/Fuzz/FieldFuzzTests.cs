using CacheGateway.Http;
using CacheGateway.Model;
using CacheGateway.Pipeline;

namespace CacheGateway.Tests.Fuzz;

/// <summary>Fields as an attacker or a broken origin may write them: nothing throws, nothing hangs, and what is read lies within what was written.</summary>
public sealed class FieldFuzzTests
{
    private static readonly string[] Words =
        [",", ";", "=", "\"", "\\", " ", "\t", "max-age", "s-maxage", "no-store", "private", "99999999999999999999", "-1", "0", "*", "W/\"", "?1", "(", ")", ":", "@1", "\u00ff", "\0", ".", "%2e", "/", "//", "GMT"];

    [Fact]
    public void CacheControl() => Fuzzing.Run("cache-control", ["max-age=60, public", "s-maxage=5, no-cache=\"set-cookie, x\", stale-if-error=9", "private, no-store, must-revalidate", "max-age=\"60\""], Words, text =>
    {
        var response = ResponseDirectives.Parse([text, text]);
        Assert.True(response.MaxAge is null or >= 0);
        Assert.True(response.SMaxAge is null or >= 0);
        RequestDirectives.Parse(text, text);
        RequestDirectives.Parse(null, text);
    });

    [Fact]
    public void CacheControl_NoStoreAsAToken_IsNeverOverlooked() => Fuzzing.Run("no-store", ["max-age=60, public", "s-maxage=5", "x=\"y\"", ""], Words, text =>
    {
        // A line of its own cannot be hidden by whatever stands on another.
        Assert.True(ResponseDirectives.Parse([text, "no-store"]).NoStore);
        Assert.True(ResponseDirectives.Parse(["no-store", text]).NoStore);
    });

    [Fact]
    public void StructuredFields() => Fuzzing.Run("structured", ["max-age=60, public", "a;b=1, c=?1, d=\"x\\\"y\", e=:aGk=:", "no-store=?0, max-age=5;x", "\"g1\", \"g2\";p"], Words, text =>
    {
        TargetedCacheControl.Parse(text);
        foreach (var group in CacheGroups.Parse(text))
        {
            Assert.InRange(group.Length, 0, text.Length);
        }

        var reader = new StructuredDictionaryReader(text);
        for (var members = 0; reader.Read(); members++)
        {
            Assert.InRange(members, 0, text.Length);
        }
    });

    [Fact]
    public void Dates() => Fuzzing.Run("dates", ["Sun, 06 Nov 1994 08:49:37 GMT", "Sunday, 06-Nov-94 08:49:37 GMT", "Sun Nov  6 08:49:37 1994"], [.. Words, "Nov", "31", "Feb", "24:60:60", "0000", "9999"], text =>
    {
        if (HttpDate.Parse(text) is { } date)
        {
            Assert.Equal(date, HttpDate.Parse(HttpDate.Format(date)));
        }
    });

    [Fact]
    public void Ranges_LieWithinTheBody() => Fuzzing.Run("ranges", ["bytes=0-0", "bytes=-5", "bytes=5-", "bytes=0-1,3-4", "bytes=9-4", "cows=1-2"], [.. Words, "-", "bytes", "9223372036854775807"], text =>
    {
        var body = new byte[100];
        var stored = Storage.Redis.Heads.Head(response => response with { Body = BodySegments.Copy(body) }).Response;
        if (Ranges.Evaluate(text, null, stored, out var selected) == RangeOutcome.Partial)
        {
            Assert.InRange(selected.First, 0, 99);
            Assert.InRange(selected.Last, selected.First, 99);
        }

        Ranges.Evaluate("bytes=0-0", text, stored, out _);
        ContentRange.Parse(text);
    });

    [Fact]
    public void EntityTagsAndCookies() => Fuzzing.Run("tags-and-cookies", ["\"a\", W/\"b\", \"c,d\"", "*", "a=1; b=2; a=3", "a=\"x;y\"; =z;;"], Words, text =>
    {
        EntityTags.Lists(text, "\"a\"", strong: true);
        EntityTags.Lists(text, text, strong: false);
        Assert.InRange(CookieValues.Select(text, ["a", "b"]).Length, 0, text.Length + 4);
    });

    [Fact]
    public void Targets_AreTheSameOnceTheyAreCanonical() => Fuzzing.Run("targets", ["/a/b?x=1&utm_a=2", "http://gw.test/a?b", "*", "/a;b/../c", "/%2e%2E/x?&&"], [.. Words, "?", "&", "utm_", "#", "..", "%"], text =>
    {
        if (RequestTarget.OriginForm(text) is not { } target)
        {
            return;
        }

        Assert.StartsWith("/", target, StringComparison.Ordinal);
        Assert.Equal(target, RequestTarget.OriginForm(target));
        RequestTarget.IsKeyable(target);
        var rules = KeyRules.Default with { QueryIgnore = ["utm_*"], QuerySort = true };
        var applied = QueryRules.Apply(target, rules);
        Assert.Equal(applied, QueryRules.Apply(applied, rules));
        Assert.DoesNotContain("&utm_", applied, StringComparison.Ordinal);
    });

    [Fact]
    public void Authorities_HaveOneForm() => Fuzzing.Run("authorities", ["gw.test", "GW.test.:80", "[::1]:443", "127.0.0.1:8080", "a_b~c.d"], [.. Words, "[", "]", "::", "443", "80", "65536"], text =>
    {
        if (RequestTarget.NormaliseAuthority(text, "http") is { } authority)
        {
            Assert.Equal(authority, RequestTarget.NormaliseAuthority(authority, "http"));
            Assert.DoesNotContain(authority, c => c is <= ' ' or > '~' or '/' or '@' or '?' or '#' or '\\' or ',' || char.IsAsciiLetterUpper(c));
        }
    });
}
