using CacheGateway.Model;
using CacheGateway.Policies;
using CacheGateway.Tests;

namespace Gateway.Tests.Policies;

public sealed class CachePolicyTableTests
{
    [Theory]
    [InlineData("/api/products", "list")]
    [InlineData("/api/products/", "slash")]
    [InlineData("/api/products/new", "new")]
    [InlineData("/api/products/7", "number")]
    [InlineData("/api/products/x7", "one")]
    [InlineData("/api/products/7/reviews", "reviews")]
    [InlineData("/api/products/7/other", "deep")]
    [InlineData("/api/other", "api")]
    [InlineData("/v2/products", "any-first")]
    [InlineData("/v2/products/7", "everything")]
    [InlineData("/API/products", "any-first")]
    [InlineData("/api/products%2F7", "api")]
    [InlineData("/", "everything")]
    [InlineData("*", "everything")]
    public void Match_Path_MostSpecificTemplateFirst(string path, string name)
    {
        var table = PolicyText.Table("""
            { 'policies': {
              'everything': {},
              'any-first': { 'match': { 'path': '/{version}/products' } },
              'api': { 'match': { 'path': '/api/{*rest}' } },
              'deep': { 'match': { 'path': '/api/products/{*rest}' } },
              'one': { 'match': { 'path': '/api/products/{id}' } },
              'number': { 'match': { 'path': '/api/products/{id:int}' } },
              'reviews': { 'match': { 'path': '/api/products/{id}/reviews' } },
              'new': { 'match': { 'path': '/api/products/new' } },
              'slash': { 'match': { 'path': '/api/products/' } },
              'list': { 'match': { 'path': '/api/products' } } } }
            """);

        Assert.Equal(name, Match(table, path)?.Name);
        Assert.Equal(name, table.MatchingForInvalidation("example.org", path)[0].Name);
    }

    /// <summary>Neither a read nor a write looks at what its path cannot have anything to do with.</summary>
    [Theory]
    [InlineData("/api/things/77/parts/5", "/api/things/77/parts/{id}", "/api/things/{*rest}")]
    [InlineData("/api/things/77", "/api/things/77", "/api/things/{*rest}")]
    [InlineData("/api/things/77/", "/api/things/{*rest}")]
    [InlineData("/api/other", "/api/{name}")]
    public void Candidates_AmongTenThousand_AreThoseOfThePath(string path, params string[] templates)
    {
        string[] all = [.. Enumerable.Range(0, 5_000).SelectMany(i => (string[])[$"/api/things/{i}/parts/{{id}}", $"/api/things/{i}"]), "/api/things/{*rest}", "/api/{name}"];
        var index = new PolicyIndex(PolicyIndex.Order(all.Select(template => new CachePolicy
        {
            Name = template,
            Match = new PolicyMatch { Path = PathTemplate.TryParse(template, out _) },
        })));

        var taking = index.Candidates(path).Where(policy => policy.Match.Path!.IsMatch(path));

        Assert.Equal(templates, taking.Select(policy => policy.Name));
        Assert.InRange(index.Candidates(path).Count, templates.Length, 3);
    }

    /// <summary>Each look costs as much as is looked at, and a client chooses how many slashes there are.</summary>
    [Fact]
    public void Candidates_OfAPathOfSlashes_LooksAtNoMoreThanTheLongestBeginning()
    {
        var table = PolicyText.Table("{'policies': {'rest': {'match': {'path': '/a/b/{*rest}'}}, 'all': {'match': {'path': '/{*rest}'}}}}");

        Assert.Equal("rest", Match(table, "/a/b/" + new string('/', 30_000))?.Name);
        Assert.Equal("all", Match(table, new string('/', 30_000))?.Name);
        Assert.Equal(["rest", "all"], table.MatchingForInvalidation("h", "/a/b/c/d/e").Select(policy => policy.Name));
    }

    [Fact]
    public void Match_EquallySpecific_MoreConditionsThenFileOrder()
    {
        var table = PolicyText.Table("""
            { 'policies': {
              'plain': { 'match': { 'path': '/a/{id}' } },
              'second': { 'match': { 'path': '/a/{other}' } },
              'header': { 'match': { 'path': '/a/{id}', 'headers': { 'X-Tenant': 'blue' } } },
              'both': { 'match': { 'path': '/a/{id}', 'headers': { 'X-Tenant': 'blue' }, 'query': { 'page': '*' } } } } }
            """);
        var blue = new RequestHeaders(("x-tenant", "blue"));

        Assert.Equal("plain", Match(table, "/a/1")?.Name);
        Assert.Equal("plain", Match(table, "/a/1", headers: new RequestHeaders(("X-Tenant", "BLUE")))?.Name);
        Assert.Equal("plain", Match(table, "/a/1", headers: new RequestHeaders(("X-Tenant", " blue")))?.Name);
        Assert.Equal("header", Match(table, "/a/1", headers: blue)?.Name);
        Assert.Equal("header", Match(table, "/a/1", "?size=1&pages=2", headers: blue)?.Name);
        Assert.Equal("both", Match(table, "/a/1", "?size=1&page", headers: blue)?.Name);
        Assert.Equal(["both", "header", "plain", "second"], table.MatchingForInvalidation("h", "/a/1").Select(policy => policy.Name));
    }

    /// <summary>A field that a policy before this one asks for, which the request has: keyed here, or kept from the origin, it tells nothing apart unseen.</summary>
    [Theory]
    [InlineData("/a", "X-Tenant", "green", "{}", true)]
    [InlineData("/a", "X-Tenant", "", "{}", true)]
    [InlineData("/A", "X-Tenant", "green", "{}", true)]
    [InlineData("/a/", "X-Tenant", "green", "{}", true)]
    [InlineData("/b", "X-Tenant", "green", "{}", false)]
    [InlineData("/a", "X-Other", "green", "{}", false)]
    [InlineData("/a", "X-Write", "green", "{}", false)]
    [InlineData("/a", "X-Host", "green", "{}", false)]
    [InlineData("/a", "X-Wide", "green", "{}", false)]
    [InlineData("/a", "X-Tenant", "green", "{'key': {'headers': ['x-tenant']}}", false)]
    [InlineData("/a", "X-Tenant", "green", "{'dropRequestHeaders': ['x-tenant']}", false)]
    [InlineData("/a", "X-Tenant", "green", "{'forwardOnly': true}", false)]
    [InlineData("/a", "X-Tenant", "green", "{'forwardOnly': true, 'vary': {'X-Tenant': 'exact'}}", true)]
    [InlineData("/a", "Authorization", "green", "{}", false)]
    [InlineData("/a", "Authorization", "green", "{'key': {'identity': 'share', 'sharedOnPurpose': 'x'}}", true)]
    public void IsTakenOtherwise_WhereAFieldOfAnotherPolicyIsUnkeyed(string path, string field, string value, string members, bool expected)
    {
        var table = PolicyText.Table($$"""
            { 'policies': {
              'wide': { 'match': { 'headers': { 'X-Wide': 'blue' } } },
              'tenant': { 'match': { 'path': '/a', 'headers': { 'X-Tenant': 'blue' } } },
              'known': { 'match': { 'path': '/a', 'headers': { 'Authorization': 'blue' } } },
              'write': { 'match': { 'path': '/a', 'methods': ['POST'], 'headers': { 'X-Write': 'blue' } } },
              'elsewhere': { 'match': { 'path': '/a', 'hosts': ['other.test'], 'headers': { 'X-Host': 'blue' } } },
              'plain': {{(members == "{}" ? "{" : members[..^1] + ",")}} 'match': { 'path': '/{*rest}' } } } }
            """);
        var headers = new RequestHeaders((field, value));

        var policy = Match(table, path, headers: headers)!;

        Assert.Equal(("plain", expected), (policy.Name, table.IsTakenOtherwise(policy, "GET", "example.org", path, "", headers)));
    }

    /// <summary>What a policy asks for itself tells its own requests apart, unless it takes any value.</summary>
    [Theory]
    [InlineData("blue", false)]
    [InlineData("green", false)]
    [InlineData("red", true)]
    public void IsTakenOtherwise_BesidePoliciesOfOtherValues(string value, bool expected)
    {
        var table = PolicyText.Table("""
            { 'policies': {
              'blue': { 'match': { 'path': '/a', 'headers': { 'X-Tenant': 'blue' } } },
              'green': { 'match': { 'path': '/a', 'headers': { 'X-Tenant': 'green' } } },
              'any': { 'match': { 'path': '/a', 'headers': { 'X-Tenant': '*' } } } } }
            """);
        var headers = new RequestHeaders(("X-Tenant", value));

        Assert.Equal(expected, table.IsTakenOtherwise(Match(table, "/a", headers: headers)!, "GET", "example.org", "/a", "", headers));
    }

    [Fact]
    public void MatchingForInvalidation_OtherHosts_AreLeftOut()
    {
        var table = PolicyText.Table("{'policies': {'a': {'match': {'path': '/x', 'hosts': ['a.test']}}, 'b': {'match': {'path': '/x', 'hosts': ['b.test']}}}}");

        Assert.Equal(["a"], table.MatchingForInvalidation("a.test", "/x").Select(policy => policy.Name));
        Assert.Equal(["a", "b"], table.MatchingForInvalidation("", "/x").Select(policy => policy.Name));
    }

    [Theory]
    [InlineData("format=json", true)]
    [InlineData("?format=json", true)]
    [InlineData("a=1&&format=json&b", true)]
    [InlineData("format=xml&format=json", true)]
    [InlineData("f%6Frmat=%6Ason", true)]
    [InlineData("format=JSON", false)]
    [InlineData("format", false)]
    [InlineData("xformat=json", false)]
    [InlineData("", false)]
    public void Match_Query_IsComparedAsOriginsDecodeIt(string query, bool taken)
    {
        var table = PolicyText.Table("{'policies': {'p': {'match': {'query': {'format': 'json'}}}}}");

        Assert.Equal(taken, Match(table, "/", query) is not null);
    }

    [Theory]
    [InlineData("api.example.org", "named")]
    [InlineData("api.example.org:8080", "named")]
    [InlineData("a.example.net:8443", "sub")]
    [InlineData("a.b.example.net:8443", "sub")]
    [InlineData("example.net:8443", "other")]
    [InlineData("a.example.net", "other")]
    [InlineData("evilexample.net:8443", "other")]
    [InlineData("[::1]:5000", "v6")]
    [InlineData("[::1]", "v6")]
    [InlineData("[::2]", "other")]
    [InlineData("secure.example.org", "ports")]
    [InlineData("secure.example.org:8443", "other")]
    [InlineData("dotted.example.org", "ports")]
    [InlineData("dotted.example.org:81", "other")]
    public void Match_Host_WithAndWithoutPort(string authority, string name)
    {
        var table = PolicyText.Table("""
            { 'policies': { 'other': {}, 'named': { 'match': { 'hosts': ['x.example.org', 'API.example.org'] } },
              'sub': { 'match': { 'hosts': ['*.example.net:8443'] } }, 'v6': { 'match': { 'hosts': ['[::1]'] } },
              'ports': { 'match': { 'hosts': ['secure.example.org:443', 'dotted.example.org.:80'] } } } }
            """);

        Assert.Equal(name, table.Match("GET", authority, "/", "", RequestHeaders.None)?.Name);
    }

    [Fact]
    public void Match_Method_OtherMethodsFallThrough()
    {
        var table = PolicyText.Table("{'policies': {'write': {'match': {'path': '/a', 'methods': ['POST']}}, 'read': {'match': {'path': '/{x}'}}}}");

        Assert.Equal("read", Match(table, "/a")?.Name);
        Assert.Equal("write", table.Match("POST", "h", "/a", "", RequestHeaders.None)?.Name);
        Assert.Null(table.Match("DELETE", "h", "/a", "", RequestHeaders.None));
        Assert.Equal(["write", "read"], table.MatchingForInvalidation("h", "/a").Select(policy => policy.Name));
    }

    [Fact]
    public void Match_DemoPolicies_AllocatesNothing()
    {
        var table = DemoPoliciesTests.Table;
        string[] paths = ["/clients", "/shop/api/products/4711", "/booking/api/v2/users/12/profile", "/none/of/these"];
        Walk();

        Assert.Equal(0, Allocated.Least(Walk));

        void Walk()
        {
            foreach (var path in paths)
            {
                table.Match("GET", "localhost", path, "page=2", RequestHeaders.None);
            }
        }
    }

    [Fact]
    public void Empty_MatchesNothing() => Assert.Null(Match(CachePolicyTable.Empty, "/"));

    private static CachePolicy? Match(CachePolicyTable table, string path, string query = "", RequestHeaders? headers = null) =>
        table.Match("GET", "example.org", path, query, headers ?? RequestHeaders.None);
}
