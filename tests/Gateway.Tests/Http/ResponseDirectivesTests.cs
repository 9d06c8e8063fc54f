using CacheGateway.Http;

namespace CacheGateway.Tests.Http;

[Covers("RFC 9111 5.2.2", "response directives: names, values, quotes, duplicates, unknown ones")]
public sealed class ResponseDirectivesTests
{
    [Theory]
    [InlineData("max-age=3600", 3600)]
    [InlineData("MaX-AgE=3600", 3600)]
    [InlineData("unknown, max-age=3600", 3600)]
    [InlineData("unknown=1, max-age=3600,,", 3600)]
    [InlineData("max-age=\"3600\"", 3600)]
    [InlineData("max-age=003600", 3600)]
    [InlineData("max-age=2147483648", 2147483648)]
    [InlineData("max-age=99999999999", 2147483648)]
    [InlineData("max-age=99999999999999999999999999", 2147483648)]
    [InlineData("max-age=1, extension=\"max-age=3600\"", 1)]
    [InlineData("extension=\"a, max-age=3600, b\", max-age=1", 1)]
    [InlineData("extension=\"a\\\", max-age=0\", max-age=1", 1)]
    public void MaxAge_Readable_IsItsValue(string text, long seconds) => Assert.Equal(seconds, ResponseDirectives.Parse([text]).MaxAge);

    [Theory]
    [Covers("RFC 9111 4.2.1", "invalid freshness information counts as stale")]
    [InlineData("max-age")]
    [InlineData("max-age=")]
    [InlineData("max-age=-3600")]
    [InlineData("max-age=3600.0")]
    [InlineData("max-age=a3600")]
    [InlineData("max-age=3600a")]
    [InlineData("max-age='3600'")]
    [InlineData("max-age =3600")]
    [InlineData("max-age= 3600")]
    [InlineData("max-age=\"3600\"x")]
    [InlineData("max-age=\"3600")]
    public void MaxAge_Unreadable_IsZero(string text) => Assert.Equal(0, ResponseDirectives.Parse([text]).MaxAge);

    [Fact]
    public void Durations_Duplicated_TakeTheSmallest()
    {
        var read = ResponseDirectives.Parse(["max-age=9, s-maxage=1", "max-age=2, s-maxage=8", "stale-while-revalidate=5, stale-if-error=6"]);
        Assert.Equal((2, 1, 5, 6), (read.MaxAge, read.SMaxAge, read.StaleWhileRevalidate, read.StaleIfError));
    }

    [Fact]
    public void Flags_All_AreRead()
    {
        var read = ResponseDirectives.Parse(["No-Store, no-cache, private, public", "must-revalidate,proxy-revalidate, MUST-UNDERSTAND"]);
        Assert.True(read.NoStore && read.NoCache && read.Private && read.Public);
        Assert.True(read.MustRevalidate && read.ProxyRevalidate && read.MustUnderstand);
    }

    [Fact]
    [Covers("RFC 9111 5.2.2.4", "no-cache with field names")]
    [Covers("RFC 9111 5.2.2.7", "private with field names")]
    public void FieldNames_Quoted_QualifyTheDirective()
    {
        var read = ResponseDirectives.Parse(["no-cache=\"a, b\", private=Set-Cookie"]);
        Assert.Equal(["a", "b"], read.NoCacheFields);
        Assert.Equal(["Set-Cookie"], read.PrivateFields);
        Assert.False(read.NoCache || read.Private);
    }

    [Theory]
    [Covers("RFC 9110 5.6.4", "a quoted pair is the character behind the backslash")]
    [InlineData("private=\"x\\-user\"", "x-user")]
    [InlineData("private=\"a, x\\-u\\ser\"", "a,x-user")]
    public void FieldNames_WithQuotedPairs_AreReadAsWhatTheyStandFor(string text, string names) =>
        Assert.Equal(names.Split(','), ResponseDirectives.Parse([text]).PrivateFields);

    [Theory]
    [InlineData("private=\"a, b c\"")]
    [InlineData("private=\"a\\\"b\"")]
    [InlineData("private=\"a/b\"")]
    public void FieldNames_OneOfThemNone_LeaveTheStricterForm(string text)
    {
        var read = ResponseDirectives.Parse([text]);
        Assert.True(read.Private);
        Assert.Empty(read.PrivateFields);
    }

    [Theory]
    [InlineData("private=\"\"")]
    [InlineData("private =\"a\"")]
    [InlineData("private=\"a\"b")]
    public void FieldNames_Unreadable_LeaveTheStricterForm(string text) => Assert.True(ResponseDirectives.Parse([text]).Private);

    [Theory]
    [InlineData("private; max-age=60", "private")]
    [InlineData("private max-age=60", "private")]
    [InlineData("max-age=60; private", "private")]
    [InlineData("max-age=60 private, public", "private")]
    [InlineData("x;\tPRIVATE", "private")]
    [InlineData("no-cache=\"a\"; private", "no-cache,private")]
    [InlineData("no-cache; no-store; must-revalidate", "no-cache,no-store,must-revalidate")]
    [InlineData("public; proxy-revalidate", "proxy-revalidate")]
    [InlineData("immutable; must-understand; s-maxage=60", "")]
    [InlineData("note=\"private; no-store\"", "")]
    [InlineData("public;private-ish", "")]
    public void OtherSeparators_HideNothingThatRestricts_AndPermitNothing(string text, string flags)
    {
        var read = ResponseDirectives.Parse([text]);
        var found = new[] { (read.NoCache, "no-cache"), (read.NoStore, "no-store"), (read.Private, "private"), (read.MustRevalidate, "must-revalidate"), (read.ProxyRevalidate, "proxy-revalidate") };
        Assert.Equal(flags, string.Join(',', found.Where(flag => flag.Item1).Select(flag => flag.Item2)));
        Assert.Equal(text.Contains(", public", StringComparison.Ordinal), read.Public);
        Assert.False(read.MustUnderstand);
        Assert.Null(read.SMaxAge);
    }

    [Theory]
    [Covers("RFC 9111 4.2.1", "invalid freshness information counts as stale")]
    [InlineData("public; max-age=0", 0)]
    [InlineData("public; max-age=60", 0)]
    [InlineData("must-revalidate; max-age=0", 0)]
    [InlineData("must-revalidate max-age=0", 0)]
    [InlineData("must-revalidate;Max-Age=\"60\"", 0)]
    [InlineData("public; s-maxage=60", 0)]
    [InlineData("max-age=600, public; max-age=000000000000000000000000060", 0)]
    [InlineData("stale-if-error=60; max-age=60", 0)]
    [InlineData("no-cache=\"a\"; max-age=60", 0)]
    [InlineData("x=1; max-age", 0)]
    [InlineData("note=\"public; max-age=60\"", null)]
    [InlineData("public; max-age-ish=60", null)]
    [InlineData("public; stale-if-error=60", null)]
    public void OtherSeparators_LeaveALifetimeUnreadable_NeverAbsent(string text, int? seconds)
    {
        var read = ResponseDirectives.Parse([text]);
        Assert.Equal(seconds, read.MaxAge);
        Assert.Null(read.SMaxAge);
    }

    [Fact]
    public void Quote_NeverClosed_HidesNothing() => Assert.True(ResponseDirectives.Parse(["extension=\"a, no-store"]).NoStore);

    /// <summary>More lines than are remembered, so that all places are taken and taken again; each is read as what it says, the first time and later.</summary>
    [Fact]
    public void OfLine_OfManyLines_IsWhatEachSays()
    {
        for (var i = 10_000; i < 20_000; i++)
        {
            Assert.Equal(i, ResponseDirectives.OfLine($"max-age={i}").MaxAge);
            Assert.Equal(i - (i % 7), ResponseDirectives.OfLine($"max-age={i - (i % 7)}").MaxAge);
        }

        Assert.Same(ResponseDirectives.None, ResponseDirectives.OfLine(null));
    }

    [Fact]
    public void Lines_OfOneResponse_CountAsOneList()
    {
        var read = Given.Response(200, "Cache-Control: max-age=60", "Cache-Control: max-age=5, private", "Cache-Control: no-store").Directives;
        Assert.Equal((5, true, true), (read.MaxAge, read.Private, read.NoStore));
    }
}
