namespace Gateway.Tests.Policies;

public sealed class TagErrorsTests
{
    [Theory]
    [InlineData("product {id}", "must be made of letters, digits, _ : . / - and holes such as {id}")]
    [InlineData("a,b", "must be made of letters")]
    [InlineData("é", "must be made of letters")]
    [InlineData("a{", "must be made of letters")]
    [InlineData("", "must not be empty")]
    [InlineData("p:{nr}", "has a hole {nr} that the path \"/p/{id}\" does not bind; use a name of the path, {query.NAME} or {header.NAME}")]
    [InlineData("p:{query.}", "has a hole {query.} without a name")]
    [InlineData("p:{}", "has a hole {} that only a JSON path before \"->\" fills")]
    [InlineData("$.id", "must name the tag after the path, such as \"$.items[*].id -> product:{}\"")]
    [InlineData("$.id -> p:{id}", "must have a hole {} for what the path finds")]
    [InlineData("items -> p:{}", "must begin with a JSON path such as $.items[*].id")]
    [InlineData("$..id -> p:{}", "must begin with a JSON path")]
    [InlineData("$.items[ -> p:{}", "must begin with a JSON path")]
    [InlineData("{query.a}:{query.b}", "must not have more than one {query.NAME}")]
    public void Tags_ThatCannotBeMade_AreErrors(string tag, string problem)
    {
        var error = Assert.Single(PolicyText.PolicyErrors($"{{'match': {{'path': '/p/{{id}}'}}, 'tags': ['{tag}']}}"));

        Assert.StartsWith($"$.tags[0]: \"{tag}\" {problem}", error, StringComparison.Ordinal);
    }

    [Fact]
    public void Tags_SeveralPaths_EachMustBindTheHoles()
    {
        Assert.StartsWith(
            "$.tags[0]: \"p:{id}\" has a hole {id} that the path \"/p\" does not bind",
            Assert.Single(PolicyText.PolicyErrors("{'match': {'path': ['/p/{id}', '/p']}, 'tags': ['p:{id}']}")),
            StringComparison.Ordinal);
        Assert.StartsWith(
            "$.invalidates[0]: \"p:{id}\" has a hole {id} that the path does not bind",
            Assert.Single(PolicyText.PolicyErrors("{'invalidates': ['p:{id}']}")),
            StringComparison.Ordinal);
    }

    [Fact]
    public void Invalidates_FromABody_IsAnError() => Assert.Equal(
        ["$.invalidates[0]: \"$.id -> p:{}\" cannot read a body: a write's tags come from its request"],
        PolicyText.PolicyErrors("{'invalidates': ['$.id -> p:{}']}"));

    [Theory]
    [InlineData("{'x.saved': ['a b']}", "$.events[\"x.saved\"][0]: \"a b\" must be made of letters")]
    [InlineData("{'x': ['a:{b..c}']}", "$.events.x[0]: \"a:{b..c}\" has a hole {b..c} that names nothing in an event's data")]
    [InlineData("{'x': ['a:{}']}", "$.events.x[0]: \"a:{}\" has a hole {} that only a JSON path")]
    [InlineData("{'x': 'a'}", "$.events.x: \"a\" must be a list of strings")]
    [InlineData("{'x': ['a'], 'x': ['b']}", "$.events.x: stands twice; keep one of them, or give one another name; first at line 1")]
    public void Events_ThatRaiseNothing_AreErrors(string events, string error) => Assert.StartsWith(
        "policies.json: " + error, Assert.Single(PolicyText.Errors($"{{'policies': {{}}, 'events': {events}}}")), StringComparison.Ordinal);

    [Theory]
    [InlineData("{'a': ['a']}", "$.cascade: is a cycle: a -> a; leave out one of these")]
    [InlineData("{'a': ['b'], 'b': ['c'], 'c': ['b']}", "$.cascade: is a cycle: b -> c -> b; leave out one of these")]
    [InlineData("{'c:{id}': ['p'], 'p': ['c:all']}", "$.cascade: is a cycle: c:{id} -> p -> c:{id}")]
    [InlineData("{'x:{a}': ['x:y:{a}']}", "$.cascade: is a cycle: x:{a} -> x:{a}")]
    [InlineData("{'a:{x}:{y}': ['{x}:b'], 'a:{z}': ['a:b:{z}']}", "$.cascade: is a cycle: ")]
    [InlineData("{'c:{id}': ['p:{nr}']}", "$.cascade[\"c:{id}\"][0]: \"p:{nr}\" has a hole {nr} that \"c:{id}\" does not bind")]
    [InlineData("{'c {id}': ['p']}", "$.cascade[\"c {id}\"]: must be made of letters")]
    [InlineData("{'{a}{b}': ['p']}", "$.cascade[\"{a}{b}\"]: must have something between its holes")]
    [InlineData("{'{a}:{a}': ['p']}", "$.cascade[\"{a}:{a}\"]: has a hole twice")]
    [InlineData("{'{a}:{b}:{c}': ['p']}", "$.cascade[\"{a}:{b}:{c}\"]: must not have more than 2 holes")]
    [InlineData("{'a:{}': ['p']}", "$.cascade[\"a:{}\"]: has a hole without a name")]
    public void Cascade_ThatCannotEndOrBind_IsAnError(string cascade, string error) => Assert.StartsWith(
        "policies.json: " + error, Assert.Single(PolicyText.Errors($"{{'policies': {{}}, 'cascade': {cascade}}}")), StringComparison.Ordinal);

    [Fact]
    public void Cascade_ThousandsOfRules_IsRefusedQuickly()
    {
        var rules = string.Join(", ", Enumerable.Range(0, 1001).Select(number => $"'a{number}': ['b']"));

        Assert.Equal(
            ["policies.json: $.cascade: must not have more than 1000 members"],
            PolicyText.Errors($"{{'policies': {{}}, 'cascade': {{{rules}}}}}"));
    }
}
