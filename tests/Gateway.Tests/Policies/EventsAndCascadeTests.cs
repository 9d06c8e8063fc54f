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
        Assert.Equal(["categoryx:7"], Closed("categoryx:7"));
        Assert.Empty(Closed());

        // A value may hold the separator: every reading counts, for one too few would be a stale answer.
        Assert.Equal(["tenant:a", "tenant:a:b", "user:a:b:c"], Closed("user:a:b:c"));

        // What was absent where the tag was made is an empty value.
        Assert.Equal(["category:", "home", "menu:", "products", "search"], Closed("category:"));
        Assert.Equal(["tenant:", "user::"], Closed("user::"));

        string[] Closed(params string[] tags) => [.. table.Cascade(tags).Order(StringComparer.Ordinal)];
    }

    [Theory]
    [InlineData("a", "a", true)]
    [InlineData("a", "b", false)]
    [InlineData("a:{x}", "a:1", true)]
    [InlineData("a:{x}", "a:", true)]
    [InlineData("a:{x}", "a", false)]
    [InlineData("a:{x}:b", "a::b", true)]
    [InlineData("{x}a{y}", "a", true)]
    [InlineData("a:{x}", "{y}:1", true)]
    [InlineData("a:{x}:b", "a:{y}:c", false)]
    [InlineData("{x}b", "a{y}", true)]
    [InlineData("{x}", "{y}:{z}", true)]
    public void Overlap_IsWhetherSomeTagFitsBoth(string left, string right, bool overlap)
    {
        Assert.Equal(overlap, TagMatch.Overlap(TagPattern.Parse(left), TagPattern.Parse(right)));
        Assert.Equal(overlap, TagMatch.Overlap(TagPattern.Parse(right), TagPattern.Parse(left)));
    }

    /// <summary>One that leads back to itself by an empty value alone raises a tag without holes, which is the same each time.</summary>
    [Theory]
    [InlineData("{'a:{x}': ['a:']}", "a:7", "a: a:7")]
    [InlineData("{'a:{x}': ['b:{x}'], 'b:': ['a:']}", "a:", "a: b:")]
    public void Cascade_ThatLeadsBackByAnEmptyValue_IsNoCycle(string cascade, string tag, string closed)
    {
        var table = PolicyText.Table($"{{'policies': {{}}, 'cascade': {cascade}}}");

        Assert.Equal(closed.Split(' '), table.Cascade([tag]).Order(StringComparer.Ordinal));
    }

    /// <summary>However values are read, empty ones too: what is found free of cycles ends, whatever is raised.</summary>
    [Fact]
    public void Cascade_WithoutACycle_Ends()
    {
        var random = new Random(7);
        var ended = 0;
        for (var i = 0; i < 20_000; i++)
        {
            var cascade = new TagCascade([.. Enumerable.Range(0, random.Next(1, 4)).Select(_ => Rule())]);
            if (cascade.FindCycle() is not null)
            {
                continue;
            }

            var seen = new HashSet<string> { Text(random.Next(0, 5)) };
            var open = new Stack<string>(seen);
            while (open.TryPop(out var tag))
            {
                foreach (var raised in cascade.Rules.SelectMany(rule => rule.RaisedBy(tag)).Where(seen.Add))
                {
                    open.Push(raised);
                }

                Assert.True(seen.Count < 10_000, string.Join("; ", cascade.Rules.Select(rule => $"{rule.Tag} -> {string.Join(", ", rule.Raises)}")));
            }

            ended += seen.Count > 1 ? 1 : 0;
        }

        Assert.True(ended > 500, $"only {ended} raised anything");

        TagCascade.Rule Rule()
        {
            var holes = random.Next(0, 3);
            var tag = $"{Text(random.Next(0, 3))}{(holes > 0 ? $"{{x}}{Text(random.Next(1, 3))}" : "a")}{(holes > 1 ? $"{{y}}{Text(random.Next(0, 2))}" : "")}";
            return new TagCascade.Rule(TagPattern.Parse(tag), [TagPattern.Parse(Filled(holes))]);
        }

        string Filled(int holes) => $"{Text(random.Next(0, 3))}{(holes > 0 && random.Next(3) > 0 ? "{x}" : "b")}{Text(random.Next(0, 3))}{(holes > 1 && random.Next(3) > 0 ? "{y}" : "")}{Text(random.Next(0, 2))}";

        string Text(int length) => string.Concat(Enumerable.Range(0, length).Select(_ => "ab:"[random.Next(3)]));
    }

    private static EventTags Tags(string events, string data, string name = "x")
    {
        using var json = JsonDocument.Parse(data);
        return PolicyText.Table($"{{'policies': {{}}, 'events': {events}}}").Events.TagsFor(name, json.RootElement);
    }
}
