using System.Text.Json;
using CacheGateway.Policies;
using CacheGateway.Policies.Tags;

namespace Gateway.Tests.Policies;

public sealed class EventsAndCascadeTests
{
    [Theory]
    [InlineData("""{"id": 7}""", "category:7")]
    [InlineData("""{"id": "a b,c"}""", "category:a%20b%2Cc")]
    [InlineData("""{"id": true}""", "category:true")]
    public void TagsForEvent_Hole_IsFilledFromTheData(string data, string tag) => Assert.Equal([tag], Tags("{'x': ['category:{id}']}", data).Tags);

    [Theory]
    [InlineData("{}")]
    [InlineData("[]")]
    [InlineData("null")]
    [InlineData("""{"id": null}""")]
    [InlineData("""{"id": {"id": 1}}""")]
    [InlineData("""{"id": "\ud800"}""")]
    [InlineData("""{"\ud800": 1}""")]
    public void TagsForEvent_DataLacksAValue_TheTemplateIsNamed(string data)
    {
        var raised = Tags("{'x': ['products', 'category:{id}']}", data);

        Assert.True(raised.Known);
        Assert.Equal(["products"], raised.Tags);
        Assert.Equal(["category:{id}"], raised.Unfilled);
    }

    [Fact]
    public void TagsForEvent_DottedAndListed_AreFound()
    {
        var raised = Tags(
            "{'x': ['p:{product.category.id}:{product.id}', '$.items[*].id -> item:{}', '$.none[*] -> none:{}']}",
            """{"product": {"id": 1, "category": {"id": 2}}, "items": [{"id": 3}, {"id": 4}, {"id": 3}], "none": []}""");

        Assert.Equal(["p:2:1", "item:3", "item:4"], raised.Tags);
        Assert.Empty(raised.Unfilled);
    }

    /// <summary>A list that is empty says that there is nothing to raise; what is not there says nothing.</summary>
    [Theory]
    [InlineData("$.items[*].id -> p:{}", """{"items": []}""", true)]
    [InlineData("$.orders[*].items[*] -> p:{}", """{"orders": [{"items": []}, {"items": []}]}""", true)]
    [InlineData("$.items[*].id -> p:{}", """{"lines": []}""", false)]
    [InlineData("$.items[*].id -> p:{}", """{"items": [{"nr": 1}]}""", false)]
    [InlineData("$.items[*].id -> p:{}", """{"items": {}}""", false)]
    [InlineData("$.items[0] -> p:{}", """{"items": []}""", false)]
    [InlineData("$.items[*].id -> p:{shop}:{}", """{"items": [{"id": 1}]}""", false)]
    [InlineData("$.items[*].id -> p:{shop}:{}", """{"items": [], "shop": 1}""", true)]
    public void TagsForEvent_AListThatIsNotThere_IsUnfilled(string rule, string data, bool isAnswer)
    {
        var raised = Tags($"{{'x': ['{rule}']}}", data);

        Assert.Empty(raised.Tags);
        Assert.Equal(isAnswer ? [] : [rule], raised.Unfilled);
    }

    [Fact]
    public void TagsForEvent_Unknown_RaisesNothingAndSaysSo()
    {
        Assert.Same(EventTags.Unknown, Tags("{'x': ['a']}", "{}", name: "X"));
        Assert.Empty(CachePolicyTable.Empty.Events.TagsFor("x", default).Tags);
    }

    [Fact]
    public void Cascade_Closes()
    {
        var table = PolicyText.Table("""
            { 'policies': {}, 'cascade': {
              'category:{id}': ['products', 'menu:{id}'],
              'menu:{id}': ['home'],
              'user:{tenant}:{id}': ['tenant:{tenant}'],
              'products': ['home', 'search'] } }
            """);

        Assert.Equal(["category:7", "home", "menu:7", "products", "search"], Closed("category:7"));
        Assert.Equal(["a", "home", "search"], Closed("a", "products").Except(["products"]));
        Assert.Equal(["category:", "categoryx:7"], Closed("category:", "categoryx:7"));
        Assert.Empty(Closed());

        // A value may hold the separator: every reading counts, for one too few would be a stale answer.
        Assert.Equal(["tenant:a", "tenant:a:b", "user:a:b:c"], Closed("user:a:b:c"));

        string[] Closed(params string[] tags) => [.. table.Cascade(tags).Order(StringComparer.Ordinal)];
    }

    [Theory]
    [InlineData("a", "a", true)]
    [InlineData("a", "b", false)]
    [InlineData("a:{x}", "a:1", true)]
    [InlineData("a:{x}", "a:", false)]
    [InlineData("a:{x}", "{y}:1", true)]
    [InlineData("a:{x}:b", "a:{y}:c", false)]
    [InlineData("{x}b", "a{y}", true)]
    [InlineData("{x}", "{y}:{z}", true)]
    public void Overlap_IsWhetherSomeTagFitsBoth(string left, string right, bool overlap)
    {
        Assert.Equal(overlap, TagMatch.Overlap(TagPattern.Parse(left), TagPattern.Parse(right)));
        Assert.Equal(overlap, TagMatch.Overlap(TagPattern.Parse(right), TagPattern.Parse(left)));
    }

    private static EventTags Tags(string events, string data, string name = "x")
    {
        using var json = JsonDocument.Parse(data);
        return PolicyText.Table($"{{'policies': {{}}, 'events': {events}}}").Events.TagsFor(name, json.RootElement);
    }
}
