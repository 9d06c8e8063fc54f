using CacheGateway.Http;
using CacheGateway.Model;

namespace CacheGateway.Tests.Http;

[Covers("RFC 9111 4.1", "selecting a stored response by the fields that Vary names")]
public sealed class VaryRulesTests
{
    [Theory]
    [InlineData("Foo", "1", "Foo: 1", true)]
    [InlineData("Foo", "1", "Foo: 2", false)]
    [InlineData("Foo", null, "Bar: 1", true)]
    [InlineData("Foo", null, "Foo: 1", false)]
    [InlineData("Foo", null, "Foo: ", false)]
    [InlineData("Foo", "1", "Bar: 1", false)]
    [InlineData("Foo", "1, 2", "Foo:   1,  2 ", true)]
    [InlineData("Foo", "1,2", "foo: 1 ,2", true)]
    [InlineData("Foo", "1,2", "Foo: 2,1", false)]
    [InlineData("Foo", "\"1, 2\"", "Foo: \"1,2\"", false)]
    [InlineData("Foo", "a", "Foo: A", false)]
    [InlineData("Accept-Language", "en, de", "Accept-Language: de,en", true)]
    [InlineData("Accept-Language", "en, de", "Accept-Language: eN ,  De", true)]
    [InlineData("Accept-Language", "en, de;q=0.5", "Accept-Language: en;q=1.0,de;q=0.50", true)]
    [InlineData("Accept-Language", "en, de;q=0.5", "Accept-Language: en;q=0.5,de", false)]
    [InlineData("Accept-Encoding", "gzip, deflate, br", "Accept-Encoding: br,gzip , deflate", true)]
    [InlineData("Accept-Encoding", "x-gzip", "Accept-Encoding: GZIP", true)]
    [InlineData("Accept-Encoding", "gzip", "Accept-Encoding: gzip, br;q=0", false)]
    [InlineData("Accept-Encoding", "gzip;q=0", "Accept-Encoding: br;q=0", false)]
    [InlineData("Accept-Encoding", "gzip, identity;q=0", "Accept-Encoding: gzip", false)]
    [InlineData("Accept-Encoding", "gzip, *;q=0", "Accept-Encoding: gzip", false)]
    [InlineData("Accept-Encoding", "", "X: y", false)]
    [InlineData("Accept-Encoding", "gzip, gzip;q=0", "Accept-Encoding: gzip;q=0, gzip", false)]
    [InlineData("Accept-Encoding", "new-coding", "Accept-Encoding: other-coding", false)]
    [InlineData("User-Agent", "A (KHTML, like B)", "User-Agent: A (KHTML,like B)", false)]
    [InlineData("Cookie", "a=1, 2", "Cookie: a=1,2", false)]
    public void Matches_Value_ByMeaning(string name, string? first, string second, bool same)
    {
        var stored = VaryRules.Capture([name], first is null ? Given.With() : Given.With($"{name}: {first}"), Given.Rfc9111);
        Assert.Equal(same, VaryRules.Matches(stored, Given.With(second), Given.Rfc9111));
    }

    [Theory]
    [InlineData("en, de", "Accept-Language: en ,de", true)]
    [InlineData("en, de", "Accept-Language: de, en", false)]
    [InlineData("en;q=0.5, de", "Accept-Language: de, en;q=0.5", false)]
    [InlineData("en, de;q=0.5", "Accept-Language: en, de;q=0.50", false)]
    [InlineData("de-DE", "Accept-Language: de-de", false)]
    public void Matches_LanguagesInSafe_InTheClientsWordsAndOrder(string first, string second, bool same)
    {
        var stored = VaryRules.Capture(["Accept-Language"], Given.With($"Accept-Language: {first}"), Given.Safe);
        Assert.Equal(same, VaryRules.Matches(stored, Given.With(second), Given.Safe));
    }

    [Fact]
    [Covers("RFC 9110 5.3", "several lines of one field are one list")]
    public void Matches_SeveralLines_AreOneList()
    {
        var stored = VaryRules.Capture(["Foo"], Given.With("Foo: 1, 2"), Given.Rfc9111);
        Assert.True(VaryRules.Matches(stored, Given.With("Foo: 1", "Foo: 2"), Given.Rfc9111));
    }

    [Fact]
    public void Matches_SeveralFields_AllCount()
    {
        var stored = VaryRules.Capture(["Foo", "Bar", "Baz"], Given.With("Foo: 1", "Baz: 3"), Given.Rfc9111);
        Assert.True(VaryRules.Matches(stored, Given.With("Baz: 3", "Foo: 1", "Other: 4"), Given.Rfc9111));
        Assert.False(VaryRules.Matches(stored, Given.With("Foo: 1", "Bar: 2", "Baz: 3"), Given.Rfc9111));
        Assert.False(VaryRules.Matches(stored, Given.With("Foo: 1"), Given.Rfc9111));
    }

    [Fact]
    public void Matches_ExactAction_ComparesBytes()
    {
        var policy = Given.Safe with { Vary = new Dictionary<string, VaryAction>(StringComparer.OrdinalIgnoreCase) { ["Foo"] = VaryAction.Exact } };
        var stored = VaryRules.Capture(["Foo"], Given.With("Foo: 1, 2"), policy);
        Assert.True(VaryRules.Matches(stored, Given.With("Foo: 1, 2"), policy));
        Assert.False(VaryRules.Matches(stored, Given.With("Foo: 1,2"), policy));
    }

    [Fact]
    public void Matches_VeryLongValue_IsComparedToo()
    {
        var value = string.Join(", ", Enumerable.Range(0, 400));
        var stored = VaryRules.Capture(["Foo"], Given.With("Foo: " + value), Given.Rfc9111);
        Assert.True(VaryRules.Matches(stored, Given.With("Foo: " + value.Replace(", ", " ,  ", StringComparison.Ordinal)), Given.Rfc9111));
        Assert.False(VaryRules.Matches(stored, Given.With("Foo: " + value + "1"), Given.Rfc9111));
    }

    [Fact]
    public void Normalise_ManyMembers_FallsBackToTheList()
    {
        var value = string.Join(", ", Enumerable.Range(0, 30).Select(i => $"c{i}"));
        Assert.Equal(value.Replace(" ", "", StringComparison.Ordinal), VaryRules.Normalise("Accept-Encoding", value, VaryAction.Normalise));
    }

    [Fact]
    public void Select_SeveralMatch_TakesTheMostRecentDate()
    {
        var older = Given.Stored(Given.Response(Given.At("Date", -20)));
        var newer = Given.Stored(Given.Response(Given.At("Date", -10)));
        Assert.Same(newer, VaryRules.Select(VariantSet.Of(older, newer), Given.With(), Given.Rfc9111));
        Assert.Same(newer, VaryRules.Select(VariantSet.Of(newer, older), Given.With(), Given.Rfc9111));
    }

    [Fact]
    public void Select_Variants_AreKeptApart()
    {
        var one = Given.Stored(Given.Response(), null, "1", new VaryValue("Foo", "1"));
        var two = Given.Stored(Given.Response(), null, "2", new VaryValue("Foo", "2"));
        var set = VariantSet.Of(one, two);
        Assert.Same(one, VaryRules.Select(set, Given.With("Foo: 1"), Given.Rfc9111));
        Assert.Same(two, VaryRules.Select(set, Given.With("Foo: 2"), Given.Rfc9111));
        Assert.Null(VaryRules.Select(set, Given.With("Foo: 3"), Given.Rfc9111));
        Assert.Null(VaryRules.Select(set, Given.With(), Given.Rfc9111));
    }

    [Fact]
    public void Select_Parts_ComeAfterCompleteOnes()
    {
        var whole = Given.Stored(Given.Response(Given.At("Date", -20)));
        var front = Given.Stored(Given.Response(206, "Content-Range: bytes 0-4/10", Given.At("Date", -10)), body: "01234");
        var back = Given.Stored(Given.Response(206, "Content-Range: bytes 5-9/10", Given.At("Date", -15)), body: "56789");
        Assert.Same(whole, VaryRules.Select(VariantSet.Of(front, back, whole), Given.With(), Given.Rfc9111, "bytes=5-6"));
        Assert.Same(back, VaryRules.Select(VariantSet.Of(front, back), Given.With(), Given.Rfc9111, "bytes=5-6"));
        Assert.Same(front, VaryRules.Select(VariantSet.Of(front, back), Given.With(), Given.Rfc9111));
    }

    [Theory]
    [Covers("RFC 9110 12.5.4", "a stored response in the one language that is wanted most is selected")]
    [InlineData("de", "Accept-Language: fr;q=0.5, de;q=1.0", true)]
    [InlineData("De", "Accept-Language: DE", true)]
    [InlineData("de", "Accept-Language: fr, de", false)]
    [InlineData("de", "Accept-Language: fr, de;q=0.9", false)]
    [InlineData("de", "Accept-Language: de-AT", false)]
    [InlineData("de", "Accept-Language: de;q=0", false)]
    [InlineData("de", "Accept-Language: de, broken;x", false)]
    [InlineData("de, fr", "Accept-Language: de", false)]
    [InlineData(null, "Accept-Language: de", false)]
    [InlineData("de", "X: y", false)]
    public void Select_LanguageWantedMost_IsFoundAcrossWordings(string? language, string request, bool selected)
    {
        var response = language is null ? Given.Response() : Given.Response("Content-Language: " + language);
        var set = VariantSet.Of(Given.Stored(response, null, "", new VaryValue("Accept-Language", "de,en"), new VaryValue("Foo", null)));
        Assert.Equal(selected, VaryRules.Select(set, Given.With(request), Given.Rfc9111) is not null);
        Assert.Null(VaryRules.Select(set, Given.With(request, "Foo: 1"), Given.Rfc9111));

        var exact = Given.Rfc9111 with { Vary = new Dictionary<string, VaryAction> { ["Accept-Language"] = VaryAction.Exact } };
        Assert.Null(VaryRules.Select(set, Given.With(request), exact));
    }
}
