using System.Text;
using System.Text.RegularExpressions;
using CacheGateway.Policies.Lint;

namespace Gateway.Tests.Policies;

/// <summary>Each lint finds what it is for, with its place, and is silent where the file says it right.</summary>
public sealed partial class PolicyLintTests
{
    /// <summary>Lint, the policies that have it, the place it names, and the same policies put right.</summary>
    public static TheoryData<string, string, string, string> Cases => new()
    {
        { "share-credentials", "{'a': {'match': {'path': '/a', 'headers': {'authorization': '*'}}, 'key': {'identity': 'share', 'sharedOnPurpose': 'x'}}}", "a: $.key.identity", "{'a': {'match': {'path': '/a', 'headers': {'authorization': '*'}}}}" },
        { "share-wide", "{'a': {'match': {'path': '/a/{*rest}'}, 'key': {'identity': 'share', 'sharedOnPurpose': 'x'}}}", "a: $.key.identity", "{'a': {'match': {'path': '/a/{id}'}, 'key': {'identity': 'share', 'sharedOnPurpose': 'x'}}}" },
        { "share-personal", "{'a': {'match': {'path': '/api/Me'}, 'key': {'identity': 'share', 'sharedOnPurpose': 'x'}}}", "a: $.key.identity", "{'a': {'match': {'path': '/api/menu'}, 'key': {'identity': 'share', 'sharedOnPurpose': 'x'}}}" },
        { "isolate-by-cookies", "{'a': {'match': {'path': '/a'}, 'key': {'cookies': ['sid']}}}", "a: $.key.cookies", "{'a': {'match': {'path': '/a'}, 'key': {}}}" },
        { "client-public", "{'a': {'match': {'path': '/a'}, 'key': {'identity': 'isolate'}, 'client': {'cacheControl': 'public, max-age=5'}}}", "a: $.client.cacheControl", "{'a': {'match': {'path': '/a'}, 'key': {'identity': 'isolate'}, 'client': {'cacheControl': 'private, max-age=5'}}}" },
        { "client-public-unasked", "{'a': {'match': {'path': '/a'}, 'client': {'cacheControl': 'public, max-age=5'}}}", "a: $.client.cacheControl", "{'a': {'match': {'path': '/a'}, 'key': {'identity': 'share', 'sharedOnPurpose': 'x'}, 'client': {'cacheControl': 'public, max-age=5'}}}" },
        { "set-cookie-strip", "{'a': {'match': {'path': '/a'}, 'setCookie': 'strip'}}", "a: $.setCookie", "{'a': {'match': {'path': '/a'}, 'setCookie': 'profile'}}" },
        { "ignore-directives", "{'a': {'match': {'path': '/a'}, 'ignoreDirectives': ['private']}}", "a: $.ignoreDirectives", "{'a': {'match': {'path': '/a'}, 'ignoreDirectives': []}}" },
        { "vary-ignore", "{'a': {'match': {'path': '/a'}, 'vary': {'X-A': 'ignore'}}}", "a: $.vary[\"X-A\"]", "{'a': {'match': {'path': '/a'}, 'vary': {'X-A': 'bypass'}}}" },
        { "profile-rfc9111", "{'a': {'match': {'path': '/a'}, 'profile': 'rfc9111'}}", "a: $.profile", "{'a': {'match': {'path': '/a'}, 'profile': 'safe'}}" },
        { "key-user-agent", "{'a': {'match': {'path': '/a'}, 'key': {'headers': ['X', 'user-agent']}}}", "a: $.key.headers[1]", "{'a': {'match': {'path': '/a'}, 'key': {'headers': ['X']}}}" },
        { "key-user-agent", "{'a': {'match': {'path': '/a'}, 'vary': {'user-agent': 'exact'}}}", "a: $.vary[\"user-agent\"]", "{'a': {'match': {'path': '/a'}, 'vary': {'user-agent': 'bypass'}}}" },
        { "key-unbounded", "{'a': {'match': {'path': '/a'}, 'key': {'headers': ['Referer']}}}", "a: $.key.headers[0]", "{'a': {'match': {'path': '/a'}, 'key': {'headers': ['Accept-Language']}}}" },
        { "query-unbounded", "{'a': {'match': {'path': '/a'}}}", "a: $.key.query", "{'a': {'match': {'path': '/a'}, 'key': {'query': {'include': []}}}}" },
        { "vary-exact", "{'a': {'match': {'path': '/a'}, 'vary': {'Accept-Encoding': 'exact'}}}", "a: $.vary[\"Accept-Encoding\"]", "{'a': {'match': {'path': '/a'}, 'vary': {'Accept-Encoding': 'normalise'}}}" },
        { "key-forwarded", "{'a': {'match': {'path': '/a'}, 'key': {'headers': ['x-forwarded-proto'], 'query': {'include': []}}}}", "a: $.key.headers[0]", "{'a': {'match': {'path': '/a'}, 'key': {'headers': ['X-Proto'], 'query': {'include': []}}}}" },
        { "origin-override", "{'a': {'match': {'path': '/a'}, 'ttl': '1m', 'origin': 'override'}}", "a: $.origin", "{'a': {'match': {'path': '/a'}, 'ttl': '1m', 'origin': 'fallback'}}" },
        { "smaxage-stale", "{'a': {'match': {'path': '/a'}, 'staleWhileRevalidate': '5s', 'client': {'cacheControl': 's-maxage=5'}}}", "a: $.client.cacheControl", "{'a': {'match': {'path': '/a'}, 'staleWhileRevalidate': '5s', 'client': {'cacheControl': 'max-age=5'}}}" },
        { "ttl-uncleared", "{'a': {'match': {'path': '/a'}, 'ttl': '2d', 'tags': ['a']}}", "a: $.ttl", "{'a': {'match': {'path': '/a'}, 'ttl': '2d', 'tags': ['a'], 'invalidates': ['a']}}" },
        { "ttl-zero", "{'a': {'match': {'path': '/a'}, 'ttl': '0s'}}", "a: $.ttl", "{'a': {'match': {'path': '/a'}, 'ttl': '1s'}}" },
        { "ttl-unused", "{'a': {'match': {'path': '/a', 'methods': ['POST']}, 'ttl': '1m'}}", "a: $.ttl", "{'a': {'match': {'path': '/a', 'methods': ['POST', 'GET']}, 'ttl': '1m'}}" },
        { "stale-long", "{'a': {'match': {'path': '/a'}, 'staleWhileRevalidate': '2d'}}", "a: $.staleWhileRevalidate", "{'a': {'match': {'path': '/a'}, 'staleWhileRevalidate': '2h'}}" },
        { "error-ttl", "{'a': {'match': {'path': '/a'}, 'statuses': {'503': '5m'}}}", "a: $.statuses[\"503\"]", "{'a': {'match': {'path': '/a'}, 'statuses': {'503': '5s', '404': '5m'}}}" },
        { "range-over-body", "{'a': {'match': {'path': '/a'}, 'rangeFetchWhole': '2MB', 'maxBody': '1MB'}}", "a: $.rangeFetchWhole", "{'a': {'match': {'path': '/a'}, 'rangeFetchWhole': '1MB', 'maxBody': '1MB'}}" },
        { "reload-ignore", "{'a': {'match': {'path': '/a'}, 'client': {'reload': 'ignore'}}}", "a: $.client.reload", "{'a': {'match': {'path': '/a'}, 'client': {'reload': 'collapse'}}}" },
        { "tag-unknown", "{'a': {'match': {'path': '/a/{id}'}, 'tags': ['product:{id}'], 'invalidates': ['products:{id}']}}", "a: $.invalidates[0]", "{'a': {'match': {'path': '/a/{id}'}, 'tags': ['product:{id}'], 'invalidates': ['product:{id}']}}" },
        { "tag-never-raised", "{'a': {'match': {'path': '/a'}, 'tags': ['a']}}", "a: $.tags[0]", "{'a': {'match': {'path': '/a'}, 'tags': ['a'], 'invalidates': ['a']}}" },
        { "condition-unseen", "{'a': {'match': {'path': '/a', 'query': {'format': 'json'}}, 'key': {'query': {'include': ['id']}}}}", "a: $.match.query.format", "{'a': {'match': {'path': '/a', 'query': {'format': 'json'}}, 'key': {'query': {'include': ['id', 'form*']}}}}" },
        { "condition-unseen", "{'a': {'match': {'path': '/a', 'query': {'utm_x': '*'}}, 'key': {'query': {'ignore': ['utm_*']}}}}", "a: $.match.query.utm_x", "{'a': {'match': {'path': '/a', 'query': {'utm': '*'}}, 'key': {'query': {'ignore': ['utm_*']}}}}" },
        { "condition-unseen", "{'a': {'match': {'path': '/a', 'headers': {'Accept': 'x/y'}}, 'forwardOnly': true}}", "a: $.match.headers.Accept", "{'a': {'match': {'path': '/a', 'headers': {'Accept': 'x/y'}}, 'forwardOnly': true, 'vary': {'accept': 'exact'}}}" },
        { "condition-unkeyed", "{'a': {'match': {'path': '/a', 'headers': {'X-Preview': '*', 'X-B': '1'}}}}", "a: $.match.headers[\"X-Preview\"]", "{'a': {'match': {'path': '/a', 'headers': {'X-Preview': '*'}}, 'key': {'headers': ['x-preview']}}}" },
        { "condition-beside", "{'a': {'match': {'path': '/a', 'headers': {'X-Preview': '1'}}}, 'b': {'match': {'path': '/{x}'}}}", "b: $.key.headers", "{'a': {'match': {'path': '/a', 'headers': {'X-Preview': '1'}}}, 'b': {'match': {'path': '/{x}'}, 'dropRequestHeaders': ['x-preview']}, 'c': {'match': {'path': '/c'}}}" },
        { "tag-unseen", "{'a': {'match': {'path': '/a'}, 'tags': ['a', 'shop:{query.shop}'], 'key': {'query': {'include': ['page']}}}}", "a: $.tags[1]", "{'a': {'match': {'path': '/a'}, 'tags': ['a', 'shop:{query.shop}'], 'invalidates': ['x:{query.y}'], 'key': {'query': {'include': ['shop']}}}}" },
        { "tag-unseen", "{'a': {'match': {'path': '/a'}, 'tags': ['t:{header.X-T}'], 'forwardOnly': true}}", "a: $.tags[0]", "{'a': {'match': {'path': '/a'}, 'tags': ['t:{header.X-T}'], 'forwardOnly': true, 'key': {'headers': ['x-t']}}}" },
        { "tag-unseen", "{'a': {'match': {'path': '/a'}, 'tags': ['t:{header.X-Forwarded-Host}']}}", "a: $.tags[0]", "{'a': {'match': {'path': '/a'}, 'tags': ['t:{header.X-Host-Of}']}}" },
        { "tag-secret", "{'a': {'match': {'path': '/a'}, 'tags': ['u:{header.x-api-key}']}}", "a: $.tags[0]", "{'a': {'match': {'path': '/a'}, 'tags': ['u:{header.X-User-Id}']}}" },
        { "tag-secret", "{'a': {'match': {'path': '/a'}, 'invalidates': ['u:{header.Authorization}']}}", "a: $.invalidates[0]", "{'a': {'match': {'path': '/a'}, 'invalidates': ['u:{header.X-Tenant-Id}']}}" },
        { "shadowed", "{'a': {'match': {'path': '/a/{id}'}}, 'b': {'match': {'path': '/a/{name}'}}}", "b: $.match", "{'a': {'match': {'path': '/a/{id:int}'}}, 'b': {'match': {'path': '/a/{name}'}}}" },
        { "shadowed", "{'a': {'match': {'path': '/a', 'methods': ['GET', 'POST'], 'query': {'q': '*'}}}, 'b': {'match': {'path': '/a', 'query': {'q': '1'}}}}", "b: $.match", "{'a': {'match': {'path': '/a', 'query': {'q': '1'}}}, 'b': {'match': {'path': '/a', 'query': {'q': '*'}}}}" },
        { "path-literal", "{'a': {'match': {'path': '/a/*'}}}", "a: $.match.path", "{'a': {'match': {'path': '/a/{*rest}'}}}" },
        { "path-literal", "{'a': {'match': {'path': ['/a', '/d/:id']}}}", "a: $.match.path[1]", "{'a': {'match': {'path': ['/a', '/d/{id}', '/a*b', '/a/:', '/a:b']}}}" },
        { "policy-off", "{'a': {'match': {'path': '/a'}, 'enabled': false}}", "a: $.enabled", "{'a': {'match': {'path': '/a'}, 'enabled': true}}" },
        { "match-everything", "{'a': {}}", "a: $.match", "{'a': {'match': {'path': '/a'}}}" },
        { "forward-tags", "{'a': {'match': {'path': '/a'}, 'forwardTags': true}}", "a: $.forwardTags", "{'a': {'match': {'path': '/a'}, 'forwardTags': false}}" },
    };

    [Theory]
    [MemberData(nameof(Cases))]
    public void Lint_FindsItsPlace_AndNothingWherePutRight(string code, string wrong, string place, string right)
    {
        Assert.Contains(place, Places(code, $"{{'policies': {wrong}}}"));
        Assert.Empty(Places(code, $"{{'policies': {right}}}"));
    }

    [Fact]
    public void Lint_OfTheWholeFile_FindsItsPlace()
    {
        const string Policies = "'policies': {'a': {'match': {'path': '/a'}, 'tags': ['a'], 'invalidates': ['a']}}";

        Assert.Equal([": $.enabled"], Places("all-off", $"{{'enabled': false, {Policies}}}"));
        Assert.Equal([": $.policies"], Places("no-policies", "{'policies': {}}"));
        Assert.Empty(Places("no-policies", $"{{{Policies}}}"));
        Assert.Equal([": $.cascade.b"], Places("cascade-unused", $"{{{Policies}, 'cascade': {{'b': ['a']}}}}"));
        Assert.Empty(Places("cascade-unused", $"{{{Policies}, 'cascade': {{'a': ['b']}}}}"));
        Assert.Equal([": $.events[\"a.saved\"][0]"], Places("tag-unknown", $"{{{Policies}, 'events': {{'a.saved': ['aa']}}}}"));
        Assert.Equal([": $.events"], Places("event-without-rule", $"{{{Policies}, 'events': {{'a.saved': ['a']}}}}", "a.saved", "a.removed"));
    }

    [Fact]
    public void Cases_CoverEveryLint() =>
        Assert.Empty(PolicyCheck.Lints.Select(lint => lint.Code)
            .Except(Cases.Select(row => row.Data.Item1)).Except(["no-policies", "all-off", "cascade-unused", "event-without-rule"]));

    [Fact]
    public void Page_NamesEveryLint_WithItsSeverity()
    {
        var page = File.ReadAllText(Path.Combine(Repository.Root, "docs", "policies.md"));

        Assert.Equal(
            PolicyCheck.Lints.Select(lint => $"{lint.Code} {lint.Severity}").Order(StringComparer.Ordinal),
            LintRow().Matches(page).Select(row => $"{row.Groups[1].Value} {row.Groups[2].Value}").Order(StringComparer.Ordinal),
            StringComparer.OrdinalIgnoreCase);
    }

    [Fact]
    public void Error_HasTheLineOfItsPlace()
    {
        var finding = Assert.Single(Check("{\n  'policies': {\n    'a': {\n      'match': { 'path': '/a' },\n      'staleIfError': '-5m'\n    }\n  }\n}"));

        Assert.Equal((LintSeverity.Error, 5, "policies.json:5: error: policy \"a\": $.staleIfError: \"-5m\" must not be negative [invalid]"), (finding.Severity, finding.Line, finding.ToString()));
    }

    [Fact]
    public void Error_OfAMissingMember_HasTheLineOfWhatLacksIt() =>
        Assert.Equal(3, Assert.Single(Check("{\n 'policies': {\n  'a': {'key': {'identity': 'share'}}\n }\n}")).Line);

    [Fact]
    public void Error_OfAFileThatBreaksOff_HasTheLineItBreaksOffAt() => Assert.Equal(3, Assert.Single(Check("{\n 'policies':\n {,}")).Line);

    [Fact]
    public void File_WithAByteOrderMark_IsReadAlike()
    {
        byte[] bytes = [0xEF, 0xBB, 0xBF, .. Encoding.UTF8.GetBytes("{\n\"policies\": {\n\"a\": {\"tll\": \"1s\"}}}")];

        Assert.Equal(3, Assert.Single(PolicyCheck.Run(bytes, "p", [])).Line);
    }

    [Fact]
    public void DemoPolicies_HaveNoError() =>
        Assert.DoesNotContain(
            PolicyCheck.Run(File.ReadAllBytes(Path.Combine(Repository.Root, "config", "policies.json")), "policies.json", []),
            finding => finding.Severity == LintSeverity.Error);

    private static string[] Places(string code, string json, params string[] events)
    {
        var findings = Check(json, events);
        Assert.DoesNotContain(findings, finding => finding.Severity == LintSeverity.Error);
        return [.. findings.Where(finding => finding.Code == code).Select(finding => $"{finding.Policy}: {finding.Path}")];
    }

    private static IReadOnlyList<PolicyFinding> Check(string json, params string[] events) =>
        PolicyCheck.Run(Encoding.UTF8.GetBytes(json.Replace('\'', '"')), "policies.json", events);

    [GeneratedRegex(@"^\| `([a-z0-9-]+)` \| (warning|note) \|", RegexOptions.Multiline)]
    private static partial Regex LintRow();
}
