using System.Text.Json;
using CacheGateway.Model;
using CacheGateway.Policies;
using CacheGateway.Policies.Document;
using CacheGateway.Policies.Reading;

namespace Gateway.Tests.Policies;

/// <summary>Every member that can be written reaches the policy.</summary>
public sealed class PolicyMembersTests
{
    [Fact]
    public void Read_EveryMember_ReachesThePolicy()
    {
        var policy = PolicyText.Policy("""
            {
              'description': 'A product.', 'enabled': false, 'version': 7, 'profile': 'rfc9111', 'ttl': '5m', 'origin': 'override', 'heuristics': true,
              'staleWhileRevalidate': '30s', 'staleIfError': '1.5h', 'jitter': 0.25, 'refreshAhead': 0.3,
              'warm': { 'urls': ['/products/1?page=2'], 'variants': { 'Accept-Language': ['de', 'en'] }, 'afterInvalidation': true }, 'maxBody': '1MB', 'collapseWait': '250ms', 'collapseWaitUnknown': '1s',
              'match': {
                'path': '/products/{id}', 'methods': ['GET', 'POST'], 'hosts': ['API.example.org', '*.example.net:8080'],
                'query': { 'format': 'json', 'page': '*' }, 'headers': { 'X-Tenant': 'a', 'X-Any': '*' } },
              'statuses': { '404': '1m', '503': '0s' },
              'key': { 'query': { 'include': ['page', 'f_*'], 'ignore': ['utm_*'], 'sort': true }, 'headers': ['Accept-Language'], 'cookies': ['tenant'],
                'identity': 'share', 'sharedOnPurpose': 'The same for all.' },
              'tags': ['products', 'product:{id}', 'page:{query.page}', 'tenant:{header.X-Tenant}', '$.items[*].id -> product:{}'],
              'invalidates': ['products', 'product:{id}'], 'invalidateBefore': true, 'invalidateWait': 'all', 'maxBlind': '2s',
              'client': { 'cacheControl': 'public, max-age=60, must-revalidate', 'etag': 'generate', 'reload': 'ignore' },
              'rangeFetchWhole': '512KB', 'compress': true, 'setCookie': 'strip', 'vary': { 'Accept-Language': 'exact', 'User-Agent': 'bypass', 'X-A': 'ignore' }, 'ignoreDirectives': ['no-store', 'private'],
              'maxVariants': 3, 'forwardTags': true, 'forwardOnly': true, 'dropRequestHeaders': ['X-Debug']
            }
            """);

        Assert.Equal(("p", "A product.", false, 7), (policy.Name, policy.Description, policy.Enabled, policy.Version));
        Assert.Equal((CacheProfile.Rfc9111, OriginFreshness.Override, true, 0.25), (policy.Profile, policy.Origin, policy.Heuristics, policy.Jitter));
        Assert.Equal(
            [TimeSpan.FromMinutes(5), TimeSpan.FromSeconds(30), TimeSpan.FromMinutes(90), TimeSpan.FromMilliseconds(250), TimeSpan.FromSeconds(1)],
            [policy.Ttl!.Value, policy.StaleWhileRevalidate, policy.StaleIfError, policy.CollapseWait, policy.CollapseWaitUnknown]);
        Assert.Equal((1024 * 1024, 512 * 1024, 3), (policy.MaxBodyBytes, policy.RangeFetchWhole, policy.MaxVariants));

        Assert.Equal((0.3, true), (policy.RefreshAhead, policy.Warm.AfterInvalidation));
        Assert.Equal(["/products/1?page=2", "de", "en"], [.. policy.Warm.Urls, .. policy.Warm.Variants["accept-language"]]);

        var match = policy.Match;
        Assert.Equal("/products/{id}", match.Path!.Text);
        Assert.Equal(["GET", "POST"], match.Methods);
        Assert.Equal(["api.example.org", "*.example.net:8080"], match.Hosts);
        Assert.Equal([new("format", "json"), new("page", null)], match.Query);
        Assert.Equal([new("X-Tenant", "a"), new("X-Any", null)], match.Headers);
        Assert.Equal([new(404, TimeSpan.FromMinutes(1)), new(503, TimeSpan.Zero)], policy.StatusTtl);

        var key = policy.Key;
        Assert.Equal((true, IdentityRule.Share, null), (key.QuerySort, key.Identity, key.Claim));
        Assert.Equal(["page", "f_*"], key.QueryInclude);
        Assert.Equal(["utm_*", "Accept-Language", "tenant"], [.. key.QueryIgnore, .. key.Headers, .. key.Cookies]);

        Assert.Equal(
            [new("products"), new("product:{id}"), new("page:{query.page}"), new("tenant:{header.X-Tenant}"), new("product:{}", "$.items[*].id")],
            policy.Tags);
        Assert.Equal([new("products"), new("product:{id}")], policy.Invalidates);
        Assert.Equal(new ClientCacheControl("public, must-revalidate", 60), policy.ClientCacheControl);
        Assert.Equal((ClientReload.Ignore, true, true, true), (policy.ClientReload, policy.InvalidateBefore, policy.GenerateETag, policy.Compress));
        Assert.Equal((true, TimeSpan.FromSeconds(2)), (policy.InvalidateOnAll, policy.MaxBlind));
        Assert.Equal((true, true, true), (policy.StripSetCookie, policy.ForwardTags, policy.ForwardOnly));
        Assert.Equal([new("Accept-Language", VaryAction.Exact), new("User-Agent", VaryAction.Bypass), new("X-A", VaryAction.Ignore)], policy.Vary);
        Assert.Equal(OriginDirectives.NoStore | OriginDirectives.Private, policy.IgnoredDirectives);
        Assert.True(policy.Vary.ContainsKey("user-agent"));
        Assert.Equal(["X-Debug"], policy.DropRequestHeaders);
    }

    [Fact]
    public void Read_NothingSet_GivesTheModelsDefaults()
    {
        var policy = PolicyText.Policy("{}");
        var expected = new CachePolicy { Name = "p" };

        // Collections compare by reference and the key's hash is made of the defaults: both are set alike before comparing the rest.
        var same = policy with
        {
            Key = expected.Key,
            Match = expected.Match,
            StatusTtl = expected.StatusTtl,
            Tags = expected.Tags,
            Invalidates = expected.Invalidates,
            Vary = expected.Vary,
            DropRequestHeaders = expected.DropRequestHeaders,
        };
        Assert.Equal(expected, same);
        Assert.Same(PolicyMatch.Everything, policy.Match);
        Assert.Equal((IdentityRule.Isolate, false, null), (policy.Key.Identity, policy.Key.QuerySort, policy.Key.QueryInclude));
        Assert.Equal((0, 0, 0), (policy.StatusTtl.Count, policy.Vary.Count, policy.DropRequestHeaders.Count));
        Assert.Equal((0, 0, 0), (policy.Tags.Count, policy.Invalidates.Count, policy.Key.Headers.Count));
    }

    [Fact]
    public void Read_Defaults_GiveWayToThePolicy()
    {
        var table = PolicyText.Table("""
            { 'enabled': false, 'version': 3,
              'defaults': { 'ttl': '1m', 'origin': 'override', 'profile': 'rfc9111', 'staleIfError': '1h', 'staleWhileRevalidate': '2s', 'jitter': 0.1,
                'maxBody': '1KB', 'heuristics': true, 'collapseWait': '2s', 'collapseWaitUnknown': '3s', 'refreshAhead': 0.5 },
              'policies': { 'a': {}, 'b': { 'ttl': '2m', 'origin': 'respect', 'staleIfError': '0s' } } }
            """);
        var (a, b) = (table.Policies.Single(policy => policy.Name == "a"), table.Policies.Single(policy => policy.Name == "b"));

        Assert.Equal((false, 3), (table.Enabled, table.Version));
        Assert.Equal((TimeSpan.FromMinutes(1), OriginFreshness.Override, CacheProfile.Rfc9111), (a.Ttl, a.Origin, a.Profile));
        Assert.Equal((TimeSpan.FromHours(1), TimeSpan.FromSeconds(2), 0.1, 1024, true), (a.StaleIfError, a.StaleWhileRevalidate, a.Jitter, a.MaxBodyBytes, a.Heuristics));
        Assert.Equal((TimeSpan.FromSeconds(2), TimeSpan.FromSeconds(3)), (a.CollapseWait, a.CollapseWaitUnknown));
        Assert.Equal((0.5, 0.5), (a.RefreshAhead, b.RefreshAhead));
        Assert.Equal((TimeSpan.FromMinutes(2), OriginFreshness.Respect, TimeSpan.Zero), (b.Ttl, b.Origin, b.StaleIfError));
    }

    [Fact]
    public void Read_SeveralPaths_OnePolicyEachUnderOneName()
    {
        var table = PolicyText.Table("{'policies': {'p': {'match': {'path': ['/a', '/a/{id}/', '/b']}}}}");

        Assert.Equal(["p"], table.Policies.Select(policy => policy.Name).Distinct());
        Assert.Equal(["/a", "/a/{id}/", "/b"], table.Policies.Select(policy => policy.Match.Path!.Text).Order(StringComparer.Ordinal));
    }

    [Theory]
    [InlineData("{'query': {'ignore': ['a', 'b']}, 'headers': ['X-A', 'X-B']}", "{ 'headers':['x-b','x-a'], 'query':{'ignore':['b','a'],'sort':false} }", true)]
    [InlineData("{}", "{'identity': 'isolate'}", true)]
    [InlineData("{}", "{'query': {'include': []}}", false)]
    [InlineData("{'query': {'ignore': ['ab']}}", "{'query': {'ignore': ['a', 'b']}}", false)]
    [InlineData("{'headers': ['a']}", "{'cookies': ['a']}", false)]
    [InlineData("{}", "{'identity': 'share', 'sharedOnPurpose': 'x'}", false)]
    [InlineData("{'identity': 'share', 'sharedOnPurpose': 'x'}", "{'identity': 'share', 'sharedOnPurpose': 'y'}", true)]
    public void KeyHash_SameMeaning_SameHash(string left, string right, bool same)
    {
        var (a, b) = (PolicyText.Policy($"{{'key': {left}}}").Key.Hash, PolicyText.Policy($"{{'key': {right}}}").Key.Hash);

        Assert.Equal(same, a == b);
    }

    /// <summary>What is stored without a path is found by its whole target alone, and must not be met by who has one.</summary>
    [Theory]
    [InlineData("'match': {'path': '/a'}, ", "7aead4c1452f7cd8")]
    [InlineData("", "7aead4c1452f7cd8-")]
    public void KeyHash_OfReleasedVersions_StaysTheSame(string match, string hash) =>
        Assert.Equal(hash, PolicyText.Policy($"{{{match}'key': {{'query': {{'ignore': ['utm_*'], 'sort': true}}, 'headers': ['Accept-Language']}}}}").Key.Hash);

    [Fact]
    public void Schema_Members_AreThoseOfTheSections()
    {
        using var schema = JsonDocument.Parse(PolicySchema.Generate());
        var policy = schema.RootElement.GetProperty("properties").GetProperty("policies").GetProperty("additionalProperties");

        Assert.Equal(Names(typeof(PolicySection)), Members(policy));
        Assert.Equal(Names(typeof(PolicyDocument)), Members(schema.RootElement));
        Assert.False(policy.GetProperty("additionalProperties").GetBoolean());
    }

    private static IEnumerable<string> Names(Type section) => Shape.Of(section).Members.Keys.Order(StringComparer.Ordinal);

    private static IEnumerable<string> Members(JsonElement schema) =>
        schema.GetProperty("properties").EnumerateObject().Select(member => member.Name).Order(StringComparer.Ordinal);
}
