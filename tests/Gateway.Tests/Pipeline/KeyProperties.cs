using CacheGateway.Model;
using CacheGateway.Pipeline;
using CacheGateway.Tests;
using FsCheck;
using FsCheck.Fluent;
using Microsoft.AspNetCore.Http;

namespace Gateway.Tests.Pipeline;

/// <summary>What must hold of the keys of any requests, tried on those that are most alike: one text, made of what stands between the parts of a key, cut in every way.</summary>
public sealed class KeyProperties
{
    private const int Words = 4;

    private static readonly Arbitrary<string[]> Texts = (
        from between in Gen.Elements("|0:/", "|1:/", "|:/", "|/", "/", "?", "|0:x-first|0:=", "|1:x-first|2:=", "|0:x-second|0:=", "|", ":", ",", "-", "=")
        from words in Gen.Elements(between, between, "a", "").ArrayOf(Words)
        select words).ToArbitrary();

    [Fact]
    public void Key_IsTheSame_ExactlyWhereSchemeAuthorityPathQueryAndKeyedHeadersAre() => Prop.ForAll(Texts, words =>
    {
        var requests = Cuts(words).ToArray();
        var keys = Array.ConvertAll(requests, KeyOf);
        var different = requests.Distinct().Count();
        return requests.Zip(keys).Distinct().Count() == different && keys.Distinct(StringComparer.Ordinal).Count() == different;
    }).Holds();

    /// <summary>Who keys other fields has other keys, whatever these hold.</summary>
    [Fact]
    public void Key_NamesTheFieldsThatAreKeyed() => Prop.ForAll(Texts, words => Cuts(words).All(asked =>
    {
        string[][] keyed = [[], ["X-First"], ["X-Second"], ["X-First", "X-Second"]];
        return keyed.Select(names => KeyOf(asked, names)).Distinct(StringComparer.Ordinal).Count() == keyed.Length;
    })).Holds();

    /// <summary>Every way to give the words to the parts in their order; what is empty, absent too where it may be.</summary>
    private static IEnumerable<Asked> Cuts(string[] words) =>
        from scheme in new[] { "http", "https" }
        from a in Enumerable.Range(0, Words + 1)
        from b in Enumerable.Range(a, Words + 1 - a)
        from c in Enumerable.Range(b, Words + 1 - b)
        from d in Enumerable.Range(c, Words + 1 - c)
        let path = string.Concat(words[a..b])
        where !path.Contains('?', StringComparison.Ordinal) // It would end the path.
        from query in OrNone(string.Concat(words[b..c]))
        from first in OrNone(string.Concat(words[c..d]))
        from second in OrNone(string.Concat(words[d..]))
        select new Asked(scheme, string.Concat(words[..a]), "/" + path, query, first, second);

    private static string?[] OrNone(string text) => text.Length == 0 ? ["", null] : [text];

    private static string KeyOf(Asked asked) => KeyOf(asked, ["X-First", "X-Second"]);

    private static string KeyOf(Asked asked, string[] keyed)
    {
        var context = new DefaultHttpContext();
        context.Request.Scheme = asked.Scheme;
        Set(context, "X-First", asked.First);
        Set(context, "X-Second", asked.Second);
        var policy = new CachePolicy { Name = "p", Key = new KeyRules { Headers = keyed, Identity = IdentityRule.Share } };
        return new KeyBuilder("d").Build(context, policy, 1, asked.Authority, asked.Query is null ? asked.Path : $"{asked.Path}?{asked.Query}", null)!.Text;
    }

    private static void Set(HttpContext context, string name, string? value)
    {
        if (value is not null)
        {
            // Unlike the setter, it keeps a field that is empty, as the server does.
            context.Request.Headers.TryAdd(name, value);
        }
    }

    private sealed record Asked(string Scheme, string Authority, string Path, string? Query, string? First, string? Second);
}
