using CacheGateway.Invalidation;
using CacheGateway.Policies;
using Gateway.Tests.Policies;

namespace Gateway.Tests.Invalidation;

/// <summary>What a policy stored where it is not any more must not come back; what it stored where it stays is not thrown away for what is added.</summary>
public sealed class LostPlacesTests
{
    private const string Path = "'path': '/a'";

    /// <summary>The match of the policy "p" before and after each change ("-": it is not in the file), and whether each clears it.</summary>
    [Theory]
    [InlineData("path added", Path, "'path': ['/a', '/b'] no")]
    [InlineData("path taken away, and back", "'path': ['/a', '/b']", Path + " yes", "'path': ['/a', '/b'] yes", "'path': ['/a', '/b', '/c'] no")]
    [InlineData("path back in a broader one", "'path': ['/a', '/b']", Path + " yes", "'path': ['/a', '/{*rest}'] yes")]
    [InlineData("policy taken out, and back", Path, "- yes", Path + " yes", "'path': ['/a', '/b'] no")]
    [InlineData("policy taken out, and back elsewhere", Path, "- yes", "'path': '/b' yes")]
    [InlineData("policy added, which others may have had", "-", Path + " yes", "'path': ['/a', '/b'] no")]
    [InlineData("order of hosts", Path + ", 'hosts': ['x', 'y']", Path + ", 'hosts': ['y', 'x'] no")]
    [InlineData("host added", Path + ", 'hosts': ['x']", Path + ", 'hosts': ['x', 'y'] no")]
    [InlineData("every host", Path + ", 'hosts': ['x']", Path + " no", Path + ", 'hosts': ['x'] yes", Path + " yes")]
    [InlineData("host taken away, and back", Path + ", 'hosts': ['x', 'y']", Path + ", 'hosts': ['x'] yes", Path + ", 'hosts': ['x', 'y'] yes")]
    [InlineData("host back among all", Path + ", 'hosts': ['x', 'y']", Path + ", 'hosts': ['x'] yes", Path + " yes", "'path': ['/a', '/b'] no")]
    [InlineData("host back by a pattern", Path + ", 'hosts': ['x', 'y.z']", Path + ", 'hosts': ['x'] yes", Path + ", 'hosts': ['x', '*.z'] yes")]
    [InlineData("conditions and lifetimes", Path + ", 'query': { 'q': '1' }", Path + ", 'headers': { 'X': '*' } no")]
    public void Policy_IsClearedWhereItLostAPlace_AndWhereItMayHaveItAgain(string what, string match, params string[] changes)
    {
        var (before, lost) = (Table(match), LostPlaces.None);
        foreach (var change in changes)
        {
            var at = change.LastIndexOf(' ');
            var after = Table(change[..at]);
            (var names, lost) = lost.Change(before, after);
            Assert.True(names is ["p"] == (change[(at + 1)..] == "yes"), $"{what}: {change}");
            before = after;
        }
    }

    /// <summary>Under other tags nothing is found that was stored under these, so what came between says nothing of it.</summary>
    [Fact]
    public void Tags_ThatChangedAndChangedBack_AreLostAndBack()
    {
        CachePolicyTable[] tables = [Tagged("t", "/a"), Tagged("u", "/a"), Tagged("u", "/a", "/b"), Tagged("t", "/a", "/b"), Tagged("t", "/a", "/b", "/c"), Tagged("t", "/a", "/b", "/c")];
        var lost = LostPlaces.None;
        var cleared = new List<bool>();
        for (var i = 1; i < tables.Length; i++)
        {
            (var names, lost) = lost.Change(tables[i - 1], tables[i]);
            cleared.Add(names.Length > 0);
        }

        Assert.Equal([true, false, true, false, false], cleared);

        static CachePolicyTable Tagged(string tag, params string[] paths) =>
            PolicyText.Table($"{{'policies': {{'p': {{'match': {{'path': [{string.Join(", ", paths.Select(path => $"'{path}'"))}]}}, 'ttl': '1m', 'tags': ['{tag}']}}}}}}");
    }

    [Fact]
    public void HostThatMovesToAnotherPolicyAndBack_ClearsBoth()
    {
        var (apart, together) = (Two("'x'", "'y'"), Two("'x', 'y'", "'z'"));

        var (there, lost) = LostPlaces.None.Change(together, apart);
        var (back, _) = lost.Change(apart, together);

        Assert.Equal(["p", "q"], there.Order(StringComparer.Ordinal));
        Assert.Equal(["p", "q"], back.Order(StringComparer.Ordinal));

        static CachePolicyTable Two(string of, string others) => PolicyText.Table(
            $"{{'policies': {{'p': {{'match': {{'path': '/a', 'hosts': [{of}]}}, 'ttl': '1m'}}, 'q': {{'match': {{'path': '/a', 'hosts': [{others}]}}, 'ttl': '1m'}}}}}}");
    }

    private static CachePolicyTable Table(string match) => PolicyText.Table(match == "-" ? "{'policies': {}}" : $"{{'policies': {{'p': {{'match': {{{match}}}, 'ttl': '1m', 'tags': ['t']}}}}}}");
}
