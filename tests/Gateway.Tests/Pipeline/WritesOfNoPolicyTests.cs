using CacheGateway.Model;
using CacheGateway.Pipeline;
using CacheGateway.Policies;

namespace CacheGateway.Tests.Pipeline;

/// <summary>Which writes name nothing that this gateway may have stored, by its own policies.</summary>
public sealed class WritesOfNoPolicyTests
{
    private static readonly CachePolicyTable Table = new(
    [
        Policy("item", "/items/{id}"), Policy("off", "/off") with { Enabled = false }, Policy("conditional", "/conditional", new() { ["format"] = "json" }),
        Policy("hosted", "/hosted", [], "only.test"),
    ]);

    [Theory]
    [InlineData(true, "http://x/other")]
    [InlineData(true, "http://x/other?q=1", "https://x/another")]
    [InlineData(true, "http://x/hosted")]
    [InlineData(false, "http://only.test/hosted")]
    [InlineData(false, "/hosted")]
    [InlineData(false, "http://x/items/7?notify=true")]
    [InlineData(false, "http://x/other", "http://x/items/7")]
    [InlineData(false, "http://x/off")]
    [InlineData(false, "http://x/conditional")]
    public void IsOfNone_OnlyWhereNoPolicyTakesAnyUrl(bool isOfNone, params string[] urls) =>
        Assert.Equal(isOfNone, WriteScope.IsOfNone(Table, new InvalidationScope { Urls = urls }));

    [Fact]
    public void Tags_MayBeOfAnything() =>
        Assert.False(WriteScope.IsOfNone(Table, new InvalidationScope { Urls = ["http://x/other"], Tags = ["t"] }));

    private static CachePolicy Policy(string name, string path, Dictionary<string, string?>? query = null, params string[] hosts) => new()
    {
        Name = name,
        Profile = CacheProfile.Safe,
        Match = new PolicyMatch { Path = PathTemplate.TryParse(path, out _), Query = query ?? [], Hosts = hosts },
    };
}
