using CacheGateway.Policies.Rules;

namespace Gateway.Tests.Policies;

public sealed class CacheControlTextTests
{
    [Theory]
    [InlineData("public, max-age=60", "public", 60L)]
    [InlineData("max-age=0", "", 0L)]
    [InlineData("no-cache", "no-cache", null)]
    [InlineData("Private, MAX-AGE=5, must-revalidate", "Private, must-revalidate", 5L)]
    [InlineData("s-maxage=10, stale-while-revalidate=5", "s-maxage=10, stale-while-revalidate=5", null)]
    public void TryParse_KnownDirectives_MaxAgeStandsApart(string text, string directives, long? maxAge)
    {
        var parsed = CacheControlText.TryParse(text, out var error);

        Assert.Null(error);
        Assert.Equal((directives, maxAge), (parsed!.Directives, parsed.MaxAge));
    }

    [Theory]
    [InlineData("", "must not name \"\"")]
    [InlineData("public,", "must not name \"\"")]
    [InlineData("max-age", "must give max-age whole seconds, such as max-age=60")]
    [InlineData("max-age=1m", "must give max-age whole seconds")]
    [InlineData("max-age=-1", "must give max-age whole seconds")]
    [InlineData("max-age=99999999999", "must give max-age whole seconds")]
    [InlineData("max-age=1, max-age=2", "names max-age twice")]
    [InlineData("public, private", "says both public and private")]
    [InlineData("no-store, max-age=60", "says both no-store and max-age")]
    [InlineData("public=1", "must not give public a value")]
    [InlineData("publik", "must not name \"publik\", which is no directive of a response; did you mean \"public\"?")]
    [InlineData("public; max-age=60", "must not name \"public; max-age\"")]
    [InlineData("public\r\nSet-Cookie: a", "must not name")]
    public void TryParse_AnythingElse_SaysWhy(string text, string problem)
    {
        Assert.Null(CacheControlText.TryParse(text, out var error));

        Assert.StartsWith(problem, error, StringComparison.Ordinal);
    }
}
