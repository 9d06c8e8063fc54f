using System.Globalization;
using System.Text.Json;
using CacheGateway.Model;

namespace CacheGateway.Policies.Tags;

/// <summary>
/// The part of JSON path that tags need: <c>$</c>, then <c>.name</c>, <c>["name"]</c>, <c>[3]</c> or <c>[*]</c> (every item of a list).
/// </summary>
internal sealed class JsonPath
{
    private JsonPath(Step[] steps) => Steps = steps;

    public IReadOnlyList<Step> Steps { get; }

    public static JsonPath? TryParse(string text)
    {
        if (!text.StartsWith('$'))
        {
            return null;
        }

        var steps = new List<Step>();
        var rest = text.AsSpan(1);
        while (!rest.IsEmpty)
        {
            if (NextStep(ref rest) is not { } step)
            {
                return null;
            }

            steps.Add(step);
        }

        return new JsonPath([.. steps]);
    }

    /// <summary>A path that was validated when its file was read.</summary>
    public static JsonPath Parse(string text) => TryParse(text) ?? throw new FormatException($"\"{text}\" is not a JSON path.");

    /// <summary>The strings, numbers and booleans at this path, encoded for tags.</summary>
    public IEnumerable<string> Find(JsonElement root)
    {
        IEnumerable<JsonElement> found = [root];
        foreach (var step in Steps)
        {
            found = found.SelectMany(step.Take);
        }

        return found.Select(Text).OfType<string>().Select(TagText.Encode);
    }

    /// <summary>Whether it finds nothing because a list of which it takes every item is there and has none.</summary>
    public bool EndsEmpty(JsonElement root)
    {
        List<JsonElement> found = [root];
        foreach (var step in Steps)
        {
            if (step is { Name: null, Index: null } && found.Exists(value => value.ValueKind == JsonValueKind.Array && value.GetArrayLength() == 0))
            {
                found.RemoveAll(value => value.ValueKind == JsonValueKind.Array && value.GetArrayLength() == 0);
                if (found.Count == 0)
                {
                    return true;
                }
            }

            found = [.. found.SelectMany(step.Take)];
        }

        return false;
    }

    /// <summary>A scalar as text: numbers as they are written; null for null, lists and objects.</summary>
    public static string? Text(JsonElement value) => value.ValueKind is JsonValueKind.Number or JsonValueKind.True or JsonValueKind.False
        ? value.GetRawText()
        : JsonText.Of(value);

    private static Step? NextStep(ref ReadOnlySpan<char> rest)
    {
        if (rest[0] == '.')
        {
            var end = rest[1..].IndexOfAny('.', '[');
            var name = end < 0 ? rest[1..] : rest.Slice(1, end);
            rest = rest[(name.Length + 1)..];
            return name.IsEmpty || name.ContainsAny(' ', '*', ']') ? null : new Step(name.ToString(), null);
        }

        var close = rest.IndexOf(']');
        if (rest[0] != '[' || close < 0)
        {
            return null;
        }

        var inside = rest[1..close];
        rest = rest[(close + 1)..];
        return inside is "*" ? new Step(null, null)
            : inside.Length > 2 && inside[0] is '"' or '\'' && inside[^1] == inside[0] ? new Step(inside[1..^1].ToString(), null)
            : int.TryParse(inside, NumberStyles.None, null, out var index) ? new Step(null, index)
            : null;
    }

    /// <param name="Name">The member to take, or null.</param>
    /// <param name="Index">The item to take; with neither, every item.</param>
    internal readonly record struct Step(string? Name, int? Index)
    {
        public bool TakesItem(int index) => Name is null && (Index is null || Index == index);

        public IEnumerable<JsonElement> Take(JsonElement value)
        {
            var (name, index) = this;
            return value.ValueKind switch
            {
                JsonValueKind.Object when name is not null => JsonText.Member(value, name) is { } member ? [member] : [],
                JsonValueKind.Array when name is null => value.EnumerateArray().Where((_, at) => index is null || index == at),
                _ => [],
            };
        }
    }
}
