using System.Collections;
using System.Collections.Frozen;
using System.Text.Json;
using CacheGateway.Policies.Document;
using CacheGateway.Policies.Rules;

namespace CacheGateway.Policies.Reading;

/// <summary>
/// Reads JSON into the section types and says all that is wrong: unknown and repeated members, wrong types, values against their rule.
/// What is wrong, or stands there once more, is left out of the result, so that the rest can still be examined.
/// </summary>
/// <param name="errors">Told of everything.</param>
/// <param name="isNullAbsent">Whether a member that need not be there may be written as null.</param>
internal sealed class ShapeReader(PolicyErrors errors, bool isNullAbsent = false)
{
    private readonly ScalarReader _scalars = new(errors);

    public T? ReadSection<T>(JsonElement element, Location at)
        where T : class, new() => (T?)ReadSection(typeof(T), element, at);

    private object? ReadSection(Type type, JsonElement element, Location at)
    {
        if (element.ValueKind != JsonValueKind.Object)
        {
            errors.AddJson(at, element, "must be an object");
            return null;
        }

        var members = Shape.Of(type).Members;
        var section = Activator.CreateInstance(type)!;
        var missing = members.Values.Where(member => member.Required).Select(member => member.Name).ToHashSet();
        foreach (var (name, value, place, isRepeated) in Entries(element, at, at.Member, "keep one of them"))
        {
            missing.Remove(name);
            if (members.TryGetValue(name, out var member))
            {
                if (isNullAbsent && value.ValueKind == JsonValueKind.Null && !member.Required)
                {
                    continue;
                }

                var read = ReadMember(member, value, place);
                if (!isRepeated)
                {
                    member.Property.SetValue(section, read);
                }

                continue;
            }

            var suggestion = Deeper(name, members) is { Length: > 0 } deeper ? deeper : Suggestion.For(name, members.Keys);
            var known = suggestion.Length > 0 ? suggestion : "; known are " + string.Join(", ", members.Keys.Order(StringComparer.Ordinal));
            errors.Add(place, "unknown member" + known);
        }

        foreach (var name in missing)
        {
            errors.Add(at.Member(name), "is missing");
        }

        return section;
    }

    /// <summary>Where a member of this name stands one step deeper; "" where there is none.</summary>
    private static string Deeper(string name, FrozenDictionary<string, ShapeMember> members)
    {
        string[] found = [.. members.Values.Where(member => member.IsSection && Shape.Of(member.Property.PropertyType).Members.ContainsKey(name))
            .Select(member => $"\"{member.Name}.{name}\"").Order(StringComparer.Ordinal)];
        return found.Length == 0 ? "" : $"; did you mean {string.Join(" or ", found)}?";
    }

    private object? ReadMember(ShapeMember member, JsonElement value, Location at)
    {
        var type = Nullable.GetUnderlyingType(member.Property.PropertyType) ?? member.Property.PropertyType;
        return type == typeof(string) ? _scalars.String(value, at, member.Rule)
            : type == typeof(bool) ? _scalars.Flag(value, at)
            : type == typeof(int) ? _scalars.Whole(value, at, member.Rule)
            : type == typeof(double) ? _scalars.Number(value, at, member.Rule)
            : type == typeof(IReadOnlyList<string>) ? ReadList(value, at, member)
            : type == typeof(IReadOnlyDictionary<string, string>) ? ReadMap(value, at, at.Member, (item, place) => _scalars.String(item, place, member.Rule))
            : type == typeof(IReadOnlyDictionary<string, IReadOnlyList<string>>)
                ? ReadMap<IReadOnlyList<string>>(value, at, at.Member, (item, place) => ReadList(item, place, member))
            : type == typeof(IReadOnlyDictionary<string, PolicySection>) ? ReadMap(value, at, name => Location.OfPolicy(name) with { Occurrence = at.Occurrence }, ReadSection<PolicySection>)
            : type == typeof(IReadOnlyDictionary<string, TokenKeySection>) ? ReadMap(value, at, at.Member, ReadSection<TokenKeySection>)
            : type.IsGenericType && type.GetGenericTypeDefinition() == typeof(IReadOnlyList<>) ? ReadSections(type.GetGenericArguments()[0], value, at)
            : ReadSection(type, value, at);
    }

    /// <summary>A list of sections; one that is wrong is left out.</summary>
    private IList? ReadSections(Type type, JsonElement value, Location at)
    {
        if (value.ValueKind != JsonValueKind.Array)
        {
            errors.AddJson(at, value, "must be a list of objects");
            return null;
        }

        var items = (IList)Activator.CreateInstance(typeof(List<>).MakeGenericType(type))!;
        foreach (var (index, element) in value.EnumerateArray().Index())
        {
            if (ReadSection(type, element, at.Item(index)) is { } item)
            {
                items.Add(item);
            }
        }

        return items;
    }

    private List<string>? ReadList(JsonElement value, Location at, ShapeMember member)
    {
        if (member.OneOrMany && value.ValueKind == JsonValueKind.String)
        {
            return _scalars.String(value, at, member.Rule) is { } only ? [only] : null;
        }

        if (value.ValueKind != JsonValueKind.Array)
        {
            errors.AddJson(at, value, member.OneOrMany ? "must be a string or a list of strings" : "must be a list of strings");
            return null;
        }

        var items = new List<string>();
        var seen = new HashSet<string>(StringComparer.Ordinal);
        foreach (var (index, element) in value.EnumerateArray().Index())
        {
            var item = _scalars.String(element, at.Item(index), member.Rule);
            if (item is not null && !seen.Add(item))
            {
                errors.AddValue(at.Item(index), item, "stands twice");
            }

            // An item that is wrong keeps its place, so that the others are reported by their own index.
            items.Add(item ?? "");
        }

        return items;
    }

    /// <summary>A map by names that the user chooses, in the order of the file.</summary>
    private OrderedDictionary<string, T>? ReadMap<T>(JsonElement element, Location at, Func<string, Location> placeOf, Func<JsonElement, Location, T?> read)
        where T : class
    {
        if (element.ValueKind != JsonValueKind.Object)
        {
            errors.AddJson(at, element, "must be an object");
            return null;
        }

        var map = new OrderedDictionary<string, T>(StringComparer.Ordinal);
        foreach (var (name, value, place, isRepeated) in Entries(element, at, placeOf, "keep one of them, or give one another name"))
        {
            if (read(value, place) is { } item && !isRepeated)
            {
                map.Add(name, item);
            }
        }

        return map;
    }

    /// <summary>The members of an object by name and place, those that are there already told as errors: what is wrong in them is to be found all the same.</summary>
    private IEnumerable<(string Name, JsonElement Value, Location At, bool IsRepeated)> Entries(JsonElement element, Location at, Func<string, Location> placeOf, string remedy)
    {
        var seen = new Dictionary<string, int>(StringComparer.Ordinal);
        foreach (var property in element.EnumerateObject())
        {
            if (JsonText.NameOf(property) is not { } name)
            {
                errors.Add(at, "has a member whose name is no text");
                continue;
            }

            var place = placeOf(name);
            var times = seen[name] = seen.GetValueOrDefault(name, -1) + 1;
            if (times > 0)
            {
                place = place.Again(times);
                errors.AddRepeated(place, remedy);
            }

            yield return (name, property.Value, place, times > 0);
        }
    }
}
