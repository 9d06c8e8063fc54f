using CacheGateway.Model;
using CacheGateway.Pipeline;
using FsCheck;
using FsCheck.Fluent;
using Microsoft.AspNetCore.Http;

namespace Gateway.Tests.Pipeline;

/// <summary>What must hold of the keys of any requests, tried on random ones made of the pieces that keys themselves are made of.</summary>
public sealed class KeyProperties
{
    private static readonly Gen<string> Word = Made("a", "b", "|", "1:", "|1:", "|0:", "-", "=", "/", ",");

    private static readonly Gen<string?> Value = Gen.OneOf(Gen.Constant<string?>(null), Word.Select(word => (string?)word));

    /// <summary>Some ask for the same: the words are few and short.</summary>
    private static readonly Arbitrary<Asked[]> Requests = (
        from scheme in Gen.Elements("http", "https")
        from authority in Word
        from path in Word
        from query in Value
        from first in Value
        from second in Value
        select new Asked(scheme, authority, "/" + path, query, first, second)).ArrayOf(60).ToArbitrary();

    [Fact]
    public void Key_IsTheSame_ExactlyWhereSchemeAuthorityPathQueryAndKeyedHeadersAre() => Prop.ForAll(Requests, requests =>
    {
        var keys = Array.ConvertAll(requests, KeyOf);
        var isInjective = requests.Index().All(one => requests.Index().All(other => one.Item == other.Item == (keys[one.Index] == keys[other.Index])));
        return isInjective && requests.Select(KeyOf).SequenceEqual(keys);
    }).QuickCheckThrowOnFailure();

    /// <summary>The policies that a file has had all say what they key; a field that is keyed is told from one that is not, and from another that has its value.</summary>
    [Fact]
    public void Key_NamesTheFieldsThatAreKeyed() => Prop.ForAll(Requests, requests => requests.All(asked =>
    {
        string[][] keyed = [[], ["X-First"], ["X-Second"], ["X-First", "X-Second"]];
        return keyed.Select(names => KeyOf(asked, names)).Distinct(StringComparer.Ordinal).Count() == keyed.Length;
    })).QuickCheckThrowOnFailure();

    private static Gen<string> Made(params string[] pieces) =>
        from count in Gen.Choose(0, 3)
        from word in Gen.Elements(pieces).ArrayOf(count)
        select string.Concat(word);

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
