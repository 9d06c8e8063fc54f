using System.Text;
using System.Text.Json;
using CacheGateway.Model;
using CacheGateway.Policies;

namespace Gateway.Tests.Policies;

public sealed class TagExpansionTests
{
    [Theory]
    [InlineData("products", "/p/7", "products")]
    [InlineData("product:{id}", "/p/7", "product:7")]
    [InlineData("product:{id}", "/p/caf%C3%A9", "product:caf%C3%A9")]
    [InlineData("product:{id}", "/p/caf%c3%a9", "product:caf%C3%A9")]
    [InlineData("product:{id}", "/p/a%20b", "product:a%20b")]
    [InlineData("product:{id}", "/p/a,b", "product:a%2Cb")]
    [InlineData("product:{id}", "/p/a%25b", "product:a%25b")]
    [InlineData("product:{id}", "/p/%zz", "product:%25zz")]
    [InlineData("page:{query.page}", "/p/7?page=2", "page:2")]
    [InlineData("page:{query.page}", "/p/7?p%61ge=a+b%2Cc", "page:a%20b%2Cc")]
    [InlineData("page:{query.page}", "/p/7", "page:")]
    [InlineData("page:{query.page}", "/p/7?page=2&x=1&page=3&page=2", "page:2 page:3")]
    [InlineData("tenant:{header.X-Tenant}:{id}", "/p/7", "tenant:Big%20Corp:7")]
    [InlineData("tenant:{header.X-None}", "/p/7", "tenant:")]
    public void AddRequestTags_Holes_AreFilledAndEncoded(string template, string target, string expected)
    {
        var policy = Policy(template);
        var tags = new HashSet<string>();

        TagExpansion.AddRequestTags(tags, policy.Tags, policy, Resource(target), new RequestHeaders(("x-tenant", "Big Corp")));

        Assert.Equal(expected.Split(' '), tags.Order(StringComparer.Ordinal));
    }

    [Theory]
    [InlineData(256, true)]
    [InlineData(257, false)]
    public void AddRequestTags_SaysWhetherAParameterGaveMoreThanAResponseMayHave_AndAddsAll(int values, bool fits)
    {
        var policy = Policy("page:{query.page}");
        var tags = new HashSet<string> { "another" };
        var target = $"/p/7?{string.Join('&', Enumerable.Range(0, values).Select(page => $"page={page}"))}&page=0";

        Assert.Equal(fits, TagExpansion.AddRequestTags(tags, policy.Tags, policy, Resource(target), new RequestHeaders()));

        Assert.Equal(values + 1, tags.Count);
    }

    [Fact]
    public void ReadsBody_OnlyWithAJsonPath()
    {
        Assert.False(TagExpansion.ReadsBody(Policy("a:{id}")));
        Assert.True(TagExpansion.ReadsBody(Policy("$.id -> a:{}")));
    }

    [Theory]
    [InlineData("$.items[*].id -> p:{}", """{"total": 2, "items": [{"id": 7, "name": "x"}, {"id": "a b"}, {"other": {"id": 9}}]}""", "p:7 p:a%20b")]
    [InlineData("$[*].id -> p:{}", """[{"id": 1.50}, {"id": true}, {"id": null}, {"id": []}, {"id": {"id": 5}}, 6]""", "p:1.50 p:true")]
    [InlineData("$.a.b.c -> p:{}", """{"a": {"b": {"c": "d"}}, "b": {"c": 1}}""", "p:d")]
    [InlineData("$.ids[*] -> p:{}", """{"ids": [1, 2, [3], {"x": 4}], "id": 5}""", "p:1 p:2")]
    [InlineData("$.ids[1] -> p:{}", """{"ids": [1, 2, 3]}""", "p:2")]
    [InlineData("$[\"a.b\"]['c'] -> p:{}", """{"a.b": {"c": 1}}""", "p:1")]
    [InlineData("$ -> p:{}", "7", "p:7")]
    [InlineData("$.id -> p:{}", """{"id": 1, "id": 2}""", "p:1 p:2")]
    [InlineData("$.id -> p:{}", """{"i\u0064": "\u00e9"}""", "p:%C3%A9")]
    [InlineData("$.id -> p:{}:{query.page}:{header.X-Tenant}", """{"id": 1}""", "p:1:4:t")]
    [InlineData("$.id -> p:{}", "[]", "")]
    [InlineData("$.id -> p:{}", "null", "")]
    public void TryAddBodyTags_Paths_GiveOneTagForEachValue(string template, string body, string expected)
    {
        // Of every size of segment, so that tokens lie across their borders.
        foreach (var size in new[] { 1, 2, 3, 7, 1000 })
        {
            var (stored, tags) = Read(template, Segments(body, size));

            Assert.True(stored);
            Assert.Equal(expected.Split(' ', StringSplitOptions.RemoveEmptyEntries), tags.Order(StringComparer.Ordinal));
        }
    }

    [Theory]
    [InlineData("")]
    [InlineData("<html>")]
    [InlineData("""{"id": 1""")]
    [InlineData("""{"id": 1} x""")]
    [InlineData("""{"id": "\ud800"}""")]
    public void TryAddBodyTags_NoJson_MustNotBeStored(string body) => Assert.False(Read("$.id -> p:{}", Segments(body, 64)).Stored);

    [Fact]
    public void TryAddBodyTags_Caps_MustNotBeStored()
    {
        Assert.True(Read("$[*] -> p:{}", Segments($"[{string.Join(',', Enumerable.Range(0, 256))}]", 64)).Stored);
        Assert.False(Read("$[*] -> p:{}", Segments($"[{string.Join(',', Enumerable.Range(0, 257))}]", 64)).Stored);
        Assert.False(Read("$ -> p:{}", Segments($"\"{new string('x', 255)}\"", 64)).Stored);
        Assert.False(Read("$ -> p:{}", Segments(new string('[', 100) + new string(']', 100), 64)).Stored);
    }

    [Fact]
    public void TryAddBodyTags_SeveralPaths_InOnePass()
    {
        var policy = PolicyText.Policy("{'tags': ['all', '$.id -> a:{}', '$.items[*].id -> b:{}', '$.items[*].owner.id -> c:{}']}");
        var tags = new HashSet<string>();

        Assert.True(TagExpansion.TryAddBodyTags(
            tags, policy, Resource("/"), Segments("""{"items": [{"id": 1, "owner": {"id": 2}}], "id": 3}""", 5), RequestHeaders.None));

        Assert.Equal(["a:3", "b:1", "c:2"], tags.Order(StringComparer.Ordinal));
    }

    private static CachePolicy Policy(string template) => PolicyText.Policy(
        $"{{'match': {{'path': '/p/{{id}}'}}, 'tags': [{JsonSerializer.Serialize(template)}]}}");

    private static ResourceId Resource(string target) => new("http", "h", target, "p", false);

    private static (bool Stored, HashSet<string> Tags) Read(string template, BodySegments body)
    {
        var tags = new HashSet<string>();
        var stored = TagExpansion.TryAddBodyTags(tags, Policy(template), Resource("/p/7?page=4"), body, new RequestHeaders(("X-Tenant", "t")));
        return (stored, tags);
    }

    private static BodySegments Segments(string body, int size)
    {
        var bytes = Encoding.UTF8.GetBytes(body);
        return new BodySegments([.. bytes.Chunk(size)]);
    }
}
