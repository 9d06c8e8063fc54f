using System.Text;
using CacheGateway.Policies;

namespace Gateway.Tests.Policies;

public sealed class PolicyReaderTests
{
    [Theory]
    [InlineData("{'staleIfError': '-5m'}", "$.staleIfError: \"-5m\" must not be negative")]
    [InlineData("{'ttl': 300}", "$.ttl: 300 must be a duration such as \"5m\", \"30s\", \"1h\", \"250ms\" or \"1d\"")]
    [InlineData("{'ttl': '5 m'}", "$.ttl: \"5 m\" must be a duration such as \"5m\", \"30s\", \"1h\", \"250ms\" or \"1d\"")]
    [InlineData("{'ttl': '366d'}", "$.ttl: \"366d\" must not be longer than 365d")]
    [InlineData("{'ttl': null}", "$.ttl: null must be a duration such as \"5m\", \"30s\", \"1h\", \"250ms\" or \"1d\"")]
    [InlineData("{'collapseWait': '6m'}", "$.collapseWait: \"6m\" must not be longer than 5m")]
    [InlineData("{'maxBody': '16 MB'}", "$.maxBody: \"16 MB\" must be a size such as \"16MB\", \"512KB\" or \"900B\"")]
    [InlineData("{'maxBody': '0B'}", "$.maxBody: \"0B\" must be from 1B to 1GB")]
    [InlineData("{'maxBody': '-1MB'}", "$.maxBody: \"-1MB\" must not be negative")]
    [InlineData("{'jitter': 0.6}", "$.jitter: 0.6 must be a number from 0 to 0.5")]
    [InlineData("{'jitter': '0.1'}", "$.jitter: \"0.1\" must be a number from 0 to 0.5")]
    [InlineData("{'version': -1}", "$.version: -1 must be a number from 0 to 2147483647")]
    [InlineData("{'version': 1.5}", "$.version: 1.5 must be a whole number without fraction or exponent")]
    [InlineData("{'enabled': 'yes'}", "$.enabled: \"yes\" must be true or false")]
    [InlineData("{'origin': 'overide'}", "$.origin: \"overide\" must be one of \"fallback\", \"respect\", \"override\"; did you mean \"override\"?")]
    [InlineData("{'profile': 'x'}", "$.profile: \"x\" must be one of \"safe\", \"rfc9111\"")]
    [InlineData("{'origin': 'override'}", "$.origin: \"override\" needs a \"ttl\" to put in place of the origin's lifetime")]
    [InlineData("{'description': ' '}", "$.description: \" \" must be a sentence, not blank")]
    [InlineData("{'staleIfEror': '5m'}", "$.staleIfEror: unknown member; did you mean \"staleIfError\"?")]
    [InlineData("{'path': '/x'}", "$.path: unknown member; did you mean \"match.path\"?")]
    [InlineData("{'headers': ['X']}", "$.headers: unknown member; did you mean \"key.headers\" or \"match.headers\"?")]
    [InlineData("{'TTL': '5m'}", "$.TTL: unknown member; did you mean \"ttl\"?")]
    [InlineData("{'key': {'qqqqqqqqqq': 1}}", "$.key.qqqqqqqqqq: unknown member; known are cookies, headers, identity, query, sharedOnPurpose")]
    [InlineData("{'a b': 1}", "$[\"a b\"]: unknown member; known are")]
    [InlineData("{'ttl': '5m', 'ttl': '6m'}", "$.ttl: stands twice; keep one of them; first at line 1")]
    [InlineData("{'match': []}", "$.match: a list must be an object")]
    [InlineData("{'tags': 'products'}", "$.tags: \"products\" must be a list of strings")]
    [InlineData("{'tags': ['a', 1]}", "$.tags[1]: 1 must be a string")]
    [InlineData("{'tags': ['a', 'a']}", "$.tags[1]: \"a\" stands twice")]
    [InlineData("{'ttl': '\\ud800'}", "$.ttl: \"\\ud800\" must be a duration")]
    public void Read_WrongMember_SaysWhereWhatAndWhatWouldBeRight(string section, string error)
    {
        var only = Assert.Single(PolicyText.PolicyErrors(section));

        Assert.StartsWith(error, only, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("{'path': 'a'}", "$.match.path: \"a\" must start with \"/\"")]
    [InlineData("{'path': ['/a', '/b?c']}", "$.match.path[1]: \"/b?c\" must not contain a query or a fragment")]
    [InlineData("{'path': '/a{b}'}", "$.match.path: \"/a{b}\" segment \"a{b}\" must be a literal")]
    [InlineData("{'path': '/é'}", "$.match.path: \"/é\" segment \"é\" holds what no raw path can; write it as it is sent, percent-encoded")]
    [InlineData("{'path': '/%zz'}", "$.match.path: \"/%zz\" segment \"%zz\" holds what no raw path can")]
    [InlineData("{'path': []}", "$.match.path: must not be empty")]
    [InlineData("{'path': 7}", "$.match.path: 7 must be a string or a list of strings")]
    [InlineData("{'methods': []}", "$.match.methods: must not be empty")]
    [InlineData("{'methods': ['get']}", "$.match.methods[0]: \"get\" must be one of \"GET\"")]
    [InlineData("{'methods': ['HEAD']}", "$.match.methods[0]: \"HEAD\" must be one of \"GET\", \"POST\", \"PUT\", \"PATCH\", \"DELETE\"; GET covers HEAD")]
    [InlineData("{'hosts': ['http://a']}", "$.match.hosts[0]: \"http://a\" must be a host such as")]
    [InlineData("{'hosts': ['a b']}", "$.match.hosts[0]: \"a b\" must be a host such as")]
    [InlineData("{'hosts': ['a.*.b']}", "$.match.hosts[0]: \"a.*.b\" must be a host such as")]
    [InlineData("{'hosts': ['a.test: 8080']}", "$.match.hosts[0]: \"a.test: 8080\" must be a host such as")]
    [InlineData("{'hosts': ['a.test:+80']}", "$.match.hosts[0]: \"a.test:+80\" must be a host such as")]
    [InlineData("{'hosts': ['a.test:080']}", "$.match.hosts[0]: \"a.test:080\" must be a host such as")]
    [InlineData("{'hosts': ['a:99999']}", "$.match.hosts[0]: \"a:99999\" must be a host such as")]
    [InlineData("{'hosts': ['münchen.de']}", "$.match.hosts[0]: \"münchen.de\" must be a host such as")]
    [InlineData("{'headers': {'X A': '*'}}", "$.match.headers[\"X A\"]: must be a header name")]
    [InlineData("{'headers': {'X-A': '*', 'x-a': 'b'}}", "$.match.headers[\"x-a\"]: stands twice, in another case")]
    [InlineData("{'query': {'': '*'}}", "$.match.query[\"\"]: must be a query parameter's name")]
    [InlineData("{'query': {'page': 1}}", "$.match.query.page: 1 must be a string")]
    public void Read_WrongMatch_IsAnError(string match, string error) =>
        Assert.StartsWith(error, Assert.Single(PolicyText.PolicyErrors($"{{'match': {match}}}")), StringComparison.Ordinal);

    [Theory]
    [InlineData("{'identity': 'share'}", "$.key.sharedOnPurpose: is missing: say in a sentence")]
    [InlineData("{'identity': 'share', 'sharedOnPurpose': ''}", "$.key.sharedOnPurpose: \"\" must be a sentence, not blank")]
    [InlineData("{'sharedOnPurpose': 'x'}", "$.key.sharedOnPurpose: only goes with \"identity\": \"share\"")]
    [InlineData("{'identity': 'claim:sub'}", "$.key.identity: \"claim:sub\" is an unknown identity claim")]
    [InlineData("{'identity': 'claim:'}", "$.key.identity: \"claim:\" must name a claim, such as \"claim:sub\"")]
    [InlineData("{'identity': 'shared'}", "$.key.identity: \"shared\" must be \"isolate\", \"share\" or \"claim:NAME\"; did you mean \"share\"?")]
    [InlineData("{'headers': ['Authorization']}", "$.key.headers[0]: \"Authorization\" is keyed by \"identity\", which hashes it")]
    [InlineData("{'headers': ['cookie']}", "$.key.headers[0]: \"cookie\" is keyed by \"identity\" or \"cookies\"")]
    [InlineData("{'headers': ['If-Match']}", "$.key.headers[0]: \"If-Match\" belongs to one request and cannot be keyed")]
    [InlineData(
        "{'headers': ['x-forwarded-for']}",
        "$.key.headers[0]: \"x-forwarded-for\" is written anew with the address of who connects, so a client's own would be keyed and never seen; key a field that the proxy in front makes of the address, such as a country")]
    [InlineData(
        "{'headers': ['X_Forwarded_For']}",
        "$.key.headers[0]: \"X_Forwarded_For\" is written anew with the address of who connects, so a client's own would be keyed and never seen; key a field that the proxy in front makes of the address, such as a country")]
    [InlineData("{'headers': ['X:Y']}", "$.key.headers[0]: \"X:Y\" must be a header name")]
    [InlineData("{'headers': ['X-A', 'x-a']}", "$.key.headers[1]: \"x-a\" stands twice, in another case")]
    [InlineData("{'cookies': ['a=b']}", "$.key.cookies[0]: \"a=b\" must be a cookie name")]
    [InlineData("{'query': {'ignore': ['*a']}}", "$.key.query.ignore[0]: \"*a\" may have a \"*\" at its end only")]
    [InlineData("{'query': {'include': ['a=1']}}", "$.key.query.include[0]: \"a=1\" must be a query parameter's name")]
    [InlineData("{'query': {'include': ['a'], 'ignore': ['b', 'a']}}", "$.key.query.ignore[1]: \"a\" is included, too; leave out one of them")]
    public void Read_WrongKey_IsAnError(string key, string error) =>
        Assert.StartsWith(error, Assert.Single(PolicyText.PolicyErrors($"{{'key': {key}}}")), StringComparison.Ordinal);

    [Theory]
    [InlineData("{'statuses': {'99': '1m'}}", "$.statuses[\"99\"]: must be a status from 200 to 599, not 206 or 304")]
    [InlineData("{'statuses': {'304': '1m'}}", "$.statuses[\"304\"]: must be a status")]
    [InlineData("{'statuses': {'404': '-1m'}}", "$.statuses[\"404\"]: \"-1m\" must not be negative")]
    [InlineData("{'vary': {'Accept': 'skip'}}", "$.vary.Accept: \"skip\" must be one of \"normalise\", \"exact\", \"bypass\", \"ignore\"")]
    [InlineData("{'ignoreDirectives': ['no-store', 'public']}", "$.ignoreDirectives[1]: \"public\" must be one of \"no-store\", \"no-cache\", \"private\"")]
    [InlineData("{'vary': {'A,B': 'exact'}}", "$.vary[\"A,B\"]: must be a header name")]
    [InlineData("{'maxVariants': 0}", "$.maxVariants: 0 must be a number from 1 to 1024")]
    [InlineData("{'setCookie': 'keep'}", "$.setCookie: \"keep\" must be one of \"profile\", \"strip\"")]
    [InlineData("{'client': {'etag': 'weak'}}", "$.client.etag: \"weak\" must be one of \"origin\", \"generate\"")]
    [InlineData("{'client': {'reload': 'x'}}", "$.client.reload: \"x\" must be one of \"profile\", \"ignore\", \"collapse\", \"honour\"")]
    [InlineData("{'client': {'cacheControl': 'max_age=5'}}", "$.client.cacheControl: \"max_age=5\" must not name \"max_age\", which is no directive of a response; did you mean \"max-age\"?")]
    [InlineData("{'key': {'headers': ['X-A']}, 'dropRequestHeaders': ['x-a']}", "$.dropRequestHeaders[0]: \"x-a\" is keyed, so the origin must see it")]
    [InlineData("{'dropRequestHeaders': ['a b']}", "$.dropRequestHeaders[0]: \"a b\" must be a header name")]
    public void Read_WrongRest_IsAnError(string section, string error) =>
        Assert.StartsWith(error, Assert.Single(PolicyText.PolicyErrors(section)), StringComparison.Ordinal);

    [Fact]
    public void Read_ManyErrors_AreSaidAtOnce() => Assert.Equal(
        [
            "policies.json: policy \"a\": $.ttl: \"-5m\" must not be negative",
            "policies.json: policy \"a\": $.match.methods[1]: \"FETCH\" must be one of \"GET\", \"POST\", \"PUT\", \"PATCH\", \"DELETE\"",
            "policies.json: policy \"b\": $.tll: unknown member; did you mean \"ttl\"?",
            "policies.json: $.polices: unknown member; did you mean \"policies\"?",
            "policies.json: policy \"a\": $.invalidates[0]: \"x:{id}\" has a hole {id} that the path \"/a\" does not bind; use a name of the path, {query.NAME} or {header.NAME}",
            "policies.json: policy \"b\": $.key.sharedOnPurpose: is missing: say in a sentence why one user's answer may be shown to all",
            "policies.json: $.events[\"x.saved\"]: must name at least one tag",
            "policies.json: $.cascade: is a cycle: t -> u -> t; leave out one of these",
        ],
        PolicyText.Errors("""
            { 'policies': {
                'a': { 'ttl': '-5m', 'match': { 'path': '/a', 'methods': ['GET', 'FETCH'] }, 'invalidates': ['x:{id}'] },
                'b': { 'tll': '5m', 'key': { 'identity': 'share' } } },
              'polices': {}, 'events': { 'x.saved': [] }, 'cascade': { 't': ['u'], 'u': ['t'] } }
            """));

    [Fact]
    public void Read_PolicyNames_TwiceOrUnfit_IsAnError()
    {
        Assert.Equal(
            [
                "policies.json: policy \"a\": $: stands twice; keep one of them, or give one another name; first at line 1",
                "policies.json: policy \"a\": $.ttl: \"-1m\" must not be negative",
            ],
            PolicyText.Errors("{'policies': {'a': {}, 'a': {'ttl': '-1m'}}}"));
        Assert.Equal(
            ["policies.json: $.policies[\"a\\nb\"]: a policy's name must be 1 to 64 letters, digits, _ . or -"],
            PolicyText.Errors("{'policies': {'a\\nb': {}}}"));
        Assert.Equal(["policies.json: $.policies.none: \"none\" means no policy at all; choose another name"], PolicyText.Errors("{'policies': {'none': {}}}"));
        Assert.Equal(["policies.json: policy \"a\\u000ab\": $.ttl: 1 must be a duration such as \"5m\", \"30s\", \"1h\", \"250ms\" or \"1d\""],
            PolicyText.Errors("{'policies': {'a\\nb': {'ttl': 1}}}")[..1]);
    }

    /// <summary>What stands twice is told where it stands again.</summary>
    [Fact]
    public void Read_ErrorsHaveTheirLines()
    {
        var file = Encoding.UTF8.GetBytes("""
            { "policies": {
              "a": { "ttl": "1m",
                "ttl": "2m" },
              "b": {},
              "a": { "ttl": "-1m" },
              "a": {} } }
            """);

        Assert.Equal(
            [
                "policies.json:3: policy \"a\": $.ttl: stands twice; keep one of them; first at line 2",
                "policies.json:5: policy \"a\": $: stands twice; keep one of them, or give one another name; first at line 2",
                "policies.json:5: policy \"a\": $.ttl: \"-1m\" must not be negative",
                "policies.json:6: policy \"a\": $: stands twice; keep one of them, or give one another name; first at line 2",
            ],
            PolicyReader.Read(file, "policies.json").Errors.Select(error => error.ToString()));
    }

    /// <summary>All errors at once: what is wrong in the later one is said too, at its own lines, also where the first is wrong in the same place.</summary>
    [Fact]
    public void Read_WhatStandsTwice_HidesNothing()
    {
        var file = Encoding.UTF8.GetBytes("""
            { "policies": {
              "a": { "ttl": "x",
                "match": { "path": "/a" } },
              "a": {
                "ttl": "-1m",
                "match": { "pth": "/b",
                  "methods": ["GET"],
                  "methods": ["FETCH"] } } },
              "policies": {
                "a": { "tll": "1m" } } }
            """);

        Assert.Equal(
            [
                "2: policy \"a\": $.ttl: \"x\" must be a duration",
                "4: policy \"a\": $: stands twice; keep one of them, or give one another name; first at line 2",
                "5: policy \"a\": $.ttl: \"-1m\" must not be negative",
                "6: policy \"a\": $.match.pth: unknown member; did you mean \"path\"?",
                "8: policy \"a\": $.match.methods: stands twice; keep one of them; first at line 7",
                "8: policy \"a\": $.match.methods[0]: \"FETCH\" must be one of",
                "9: $.policies: stands twice; keep one of them; first at line 1",
                "10: policy \"a\": $.tll: unknown member; did you mean \"ttl\"?",
            ],
            PolicyReader.Read(file, "policies.json").Errors.Select(error => error.ToString()["policies.json:".Length..].Split((string[])[" such", " \"GET\""], StringSplitOptions.None)[0]));
    }

    [Fact]
    public void Read_WithoutPolicies_IsAnError()
    {
        Assert.Equal(["policies.json: $.policies: is missing"], PolicyText.Errors("{}"));
        Assert.Equal(["policies.json: $: a list must be an object"], PolicyText.Errors("[]"));
        Assert.Empty(PolicyText.Table("{'policies': {}, '$schema': './policies.schema.json'}").Policies);
    }

    [Theory]
    [InlineData("", "policies.json:1: the file is empty; JSON begins with '{'")]
    [InlineData(" \n\n", "policies.json:1: the file is empty; JSON begins with '{'")]
    [InlineData("{\n  'policies': {,}}", "policies.json:2: column 16: ',' is an invalid start of a property name.")]
    [InlineData("{'policies': {}} x", "policies.json:1: column 18: 'x' is invalid after a single JSON value.")]
    [InlineData("{'policies': {} // mine\n}", "policies.json:1: column 17: JSON has no comments; a \"description\" member can say it")]
    [InlineData("{\n/* mine */\n'policies': {} }", "policies.json:2: column 1: JSON has no comments; a \"description\" member can say it")]
    [InlineData("{'policies': {},}", "policies.json:1: column 17: the comma before this closing bracket must go: nothing follows it")]
    [InlineData("{'policies': {}\n,\n'x': ['a', ]}", "policies.json:3: column 12: the comma before this closing bracket must go: nothing follows it")]
    [InlineData("{'policies': {", "policies.json:1: the file ends here, and the '{' of line 1 is not closed")]
    [InlineData("{'policies': {},\n'events': {'a': [\n'b'\n", "policies.json:4: the file ends here, and the '[' of line 2 is not closed")]
    public void Read_NoJson_SaysLineAndColumn(string json, string error)
    {
        var only = Assert.Single(PolicyReader.Read(System.Text.Encoding.UTF8.GetBytes(json.Replace('\'', '"')), "policies.json").Errors).ToString();

        Assert.StartsWith(error, only, StringComparison.Ordinal);
        Assert.DoesNotContain("LineNumber", only, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', only);
    }

    [Fact]
    public void Read_ByteOrderMark_IsAccepted() =>
        Assert.NotNull(PolicyReader.Read([0xEF, 0xBB, 0xBF, .. "{\"policies\": {}}"u8], "p").Table);

    [Fact]
    public void Read_OtherBytes_AreErrors()
    {
        Assert.Equal("p: must be UTF-8", Only(Encoding.Unicode.GetBytes("{\"policies\": {}}\uD83D\uDE00é")));
        Assert.Equal("p: must be UTF-8", Only([(byte)'"', 0xFF, (byte)'"']));
        Assert.Equal("p: must not be larger than 8 MB", Only(new byte[PolicyReader.MaxBytes + 1]));
        Assert.Contains("maximum configured depth of 64", Only(Encoding.UTF8.GetBytes(new string('[', 1_000_000))), StringComparison.Ordinal);
    }

    [Fact]
    public void Read_ThousandsOfErrors_StayReadable()
    {
        var members = string.Join(", ", Enumerable.Range(0, 3000).Select(number => $"'zz{number}': 1"));

        var errors = PolicyText.Errors($"{{'policies': {{}}, {members}}}");

        Assert.Equal((101, "policies.json: and 2900 more errors"), (errors.Length, errors[^1]));
    }

    [Fact]
    public void Read_LongValue_IsShortened()
    {
        var error = Assert.Single(PolicyText.PolicyErrors($"{{'ttl': '{new string('x', 100_000)}'}}"));

        Assert.InRange(error.Length, 80, 300);
    }

    [Fact]
    public void Read_AnyDamage_IsAValueNotAnException()
    {
        var bytes = File.ReadAllBytes(Path.Combine(Repository.Root, "config", "policies.json"));
        var random = new Random(20);
        for (var i = 0; i < 1000; i++)
        {
            var damaged = bytes.ToArray();
            for (var j = random.Next(1, 4); j > 0; j--)
            {
                damaged[random.Next(damaged.Length)] = (byte)"\"{}[]:,0-e\\ tn"[random.Next(14)];
            }

            var (table, errors) = PolicyReader.Read(damaged.AsSpan(0, random.Next(10) == 0 ? random.Next(damaged.Length) : damaged.Length), "p");
            Assert.Equal(table is null, errors.Count > 0);
            Assert.All(errors, error => Assert.DoesNotContain('\n', error.ToString()));
        }
    }

    private static string Only(byte[] bytes) => Assert.Single(PolicyReader.Read(bytes, "p").Errors).ToString();
}
