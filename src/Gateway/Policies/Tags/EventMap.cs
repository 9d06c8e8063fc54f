using System.Collections.Frozen;
using System.Text.Json;
using CacheGateway.Model;

namespace CacheGateway.Policies.Tags;

/// <summary>Which tags each event of a backend raises ("category.saved" raises "category:{id}").</summary>
internal sealed class EventMap(IReadOnlyDictionary<string, IReadOnlyList<TagTemplate>> rules)
{
    public static readonly EventMap Empty = new(new Dictionary<string, IReadOnlyList<TagTemplate>>());

    private readonly FrozenDictionary<string, IReadOnlyList<TagTemplate>> _rules = rules.ToFrozenDictionary(StringComparer.Ordinal);

    /// <summary>Fills the event's tags from its data: a hole is a dotted path into it, a JSON path gives one tag for each value found.</summary>
    public EventTags TagsFor(string name, JsonElement data)
    {
        if (!_rules.TryGetValue(name, out var templates))
        {
            return EventTags.Unknown;
        }

        var tags = new List<string>();
        var unfilled = new List<string>();
        foreach (var template in templates)
        {
            var found = template.BodyPath is { } path ? JsonPath.Parse(path).Find(data).ToList() : null;
            var before = tags.Count;
            tags.AddRange(TagPattern.Parse(template.Text)
                .Fill(hole => hole == TagPattern.FoundHole ? found ?? [] : ValueAt(data, hole))
                .Where(tag => TagText.IsTag(tag)));

            // A list that is empty is an answer; one that is not there, and a hole without a value, is none.
            if (tags.Count == before && !(template.BodyPath is { } list && JsonPath.Parse(list).EndsEmpty(data)))
            {
                unfilled.Add(template.BodyPath is { } from ? $"{from} -> {template.Text}" : template.Text);
            }
        }

        return new EventTags(true, tags.Distinct(StringComparer.Ordinal).ToList(), unfilled);
    }

    private static IReadOnlyList<string> ValueAt(JsonElement data, string hole)
    {
        JsonElement? value = data;
        foreach (var name in hole.Split('.'))
        {
            value = value is { } inside ? JsonText.Member(inside, name) : null;
        }

        return value is { } found && JsonPath.Text(found) is { } text ? [TagText.Encode(text)] : [];
    }
}
