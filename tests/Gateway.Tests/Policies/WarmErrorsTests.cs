namespace Gateway.Tests.Policies;

/// <summary>What a policy cannot have warmed, and what is said about it.</summary>
public sealed class WarmErrorsTests
{
    [Theory]
    [InlineData("{'match': {'path': '/a'}, 'warm': {'urls': ['/b']}}", "$.warm.urls[0]: \"/b\" is not taken by this policy's \"match\"")]
    [InlineData("{'match': {'path': '/a'}, 'warm': {'urls': ['/a', 'http://evil/a']}}", "$.warm.urls[1]: \"http://evil/a\" must be a path with query as it is sent, such as \"/api/products?page=1\"")]
    [InlineData("{'warm': {'urls': ['//evil']}}", "$.warm.urls[0]: \"//evil\" must be a path with query as it is sent, such as \"/api/products?page=1\"")]
    [InlineData("{'warm': {'urls': ['/../x']}}", "$.warm.urls[0]: \"/../x\" must be a path with query as it is sent, such as \"/api/products?page=1\"")]
    [InlineData("{'warm': {'variants': {'Authorization': ['x']}}}", "$.warm.variants.Authorization: would warm one user's answer; only what everybody shares can be warmed")]
    [InlineData("{'warm': {'variants': {'X A': ['x']}}}", "$.warm.variants[\"X A\"]: must be a header name")]
    [InlineData("{'warm': {'variants': {'X': []}}}", "$.warm.variants.X: must name at least one value")]
    [InlineData("{'warm': {'variants': {'X': ['a\\r\\nb']}}}", "$.warm.variants.X[0]: \"a\\r\\nb\" must be a header's value in printable ASCII")]
    [InlineData("{'warm': {'variants': {'X': ['1','2','3','4','5','6','7','8','9'], 'Y': ['1','2','3','4','5','6','7','8']}}}", "$.warm.variants: makes 72 combinations; at most 64 are warmed")]
    [InlineData("{'warm': {'url': ['/a']}}", "$.warm.url: unknown member; did you mean \"urls\"?")]
    [InlineData("{'refreshAhead': 0.6}", "$.refreshAhead: 0.6 must be a number from 0 to 0.5")]
    public void Wrong_IsSaid(string policy, string error) => Assert.Equal([error], PolicyText.PolicyErrors(policy));

    [Fact]
    public void Url_MayBeOfAnyPathOfThePolicy() =>
        Assert.Equal(["/b/7?x=1"], PolicyText.Table("{'policies': {'p': {'match': {'path': ['/a', '/b/{id}']}, 'warm': {'urls': ['/b/7?x=1']}}}}").Policies[0].Warm.Urls);
}
