using System.ComponentModel.DataAnnotations;
using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using CacheGateway.Policies;
using CacheGateway.Policies.Rules;

namespace CacheGateway.Admin;

/// <summary>What a body must look like, as the serializer knows it, and where one does not.</summary>
/// <param name="options">How bodies are read.</param>
internal sealed class JsonShape(JsonSerializerOptions options)
{
    /// <summary>A name that a client chose may be as long as the body.</summary>
    private const int LongestName = 64;

    /// <summary>" with some of tags, match, …", or nothing for what has no members of its own.</summary>
    public string Members(Type type) => Known(type) is { Length: > 0 } known ? $" with some of {string.Join(", ", known.Select(member => member.Name))}" : "";

    /// <summary>The first fault, in the order of the body; null = none was found.</summary>
    /// <param name="root">The body.</param>
    /// <param name="type">What it should be.</param>
    public string? Fault(JsonElement root, Type type) => Fault(root, type, "$", null);

    private string? Fault(JsonElement value, Type type, string at, RangeAttribute? range)
    {
        if (value.ValueKind == JsonValueKind.Null)
        {
            // Whether null may stand here is the member's question, not the type's; for a number or a flag it never does.
            return CanRead(value, type) ? null : Wrong(at, type, range);
        }

        var info = options.GetTypeInfo(type);
        return info.Kind switch
        {
            JsonTypeInfoKind.Object => value.ValueKind == JsonValueKind.Object ? FaultOfObject(value, type, at) : Wrong(at, type, range),
            JsonTypeInfoKind.Dictionary => value.ValueKind == JsonValueKind.Object ? FaultOfMap(value, info.ElementType!, at) : Wrong(at, type, range),
            JsonTypeInfoKind.Enumerable => value.ValueKind == JsonValueKind.Array ? FaultOfList(value, info.ElementType!, type, at) : Wrong(at, type, range),
            _ => IsAnything(type) ? FaultOfAnything(value, at) : CanRead(value, type) ? null : Wrong(at, type, range),
        };
    }

    private string? FaultOfObject(JsonElement value, Type type, string at)
    {
        var known = Known(type);
        var seen = new HashSet<string>(StringComparer.OrdinalIgnoreCase);
        foreach (var member in value.EnumerateObject())
        {
            if (FaultOfName(member, seen, at) is { } wrong)
            {
                return wrong;
            }

            var place = Place(at, member.Name);
            if (Array.Find(known, one => string.Equals(one.Name, member.Name, StringComparison.OrdinalIgnoreCase)) is not { } found)
            {
                var near = Suggestion.For(member.Name, known.Select(one => one.Name));
                return $"{place}: there is no such member{(near.Length > 0 ? near : $"; there are {string.Join(", ", known.Select(one => one.Name))}")}";
            }

            var range = found.AttributeProvider?.GetCustomAttributes(typeof(RangeAttribute), inherit: false) is [RangeAttribute given, ..] ? given : null;
            if (member.Value.ValueKind == JsonValueKind.Null && options.RespectNullableAnnotations && !found.IsSetNullable)
            {
                return Wrong(place, found.PropertyType, range);
            }

            if (Fault(member.Value, found.PropertyType, place, range) is { } within)
            {
                return within;
            }
        }

        return null;
    }

    private string? FaultOfMap(JsonElement value, Type of, string at)
    {
        var seen = new HashSet<string>(StringComparer.Ordinal);
        foreach (var member in value.EnumerateObject())
        {
            if ((FaultOfName(member, seen, at) ?? Fault(member.Value, of, Place(at, member.Name), null)) is { } wrong)
            {
                return wrong;
            }
        }

        return null;
    }

    private string? FaultOfList(JsonElement value, Type of, Type type, string at)
    {
        foreach (var (index, item) in value.EnumerateArray().Index())
        {
            var place = string.Create(CultureInfo.InvariantCulture, $"{at}[{index}]");
            if (Fault(item, of, place, null) is { } wrong)
            {
                return wrong.StartsWith(place + " must be", StringComparison.Ordinal) ? $"{wrong}: {at} is {Words(type, null)}" : wrong;
            }
        }

        return null;
    }

    /// <summary>Where any value may stand, only what stands twice is wrong.</summary>
    private static string? FaultOfAnything(JsonElement value, string at) => value.ValueKind switch
    {
        JsonValueKind.Object => FaultOfAnyObject(value, at),
        JsonValueKind.Array => value.EnumerateArray().Select((item, index) => FaultOfAnything(item, string.Create(CultureInfo.InvariantCulture, $"{at}[{index}]"))).FirstOrDefault(wrong => wrong is not null),
        _ => null,
    };

    private static string? FaultOfAnyObject(JsonElement value, string at)
    {
        var seen = new HashSet<string>(StringComparer.Ordinal);
        return value.EnumerateObject().Select(member => FaultOfName(member, seen, at) ?? FaultOfAnything(member.Value, Place(at, member.Name))).FirstOrDefault(wrong => wrong is not null);
    }

    private static string? FaultOfName(JsonProperty member, HashSet<string> seen, string at) => JsonText.NameOf(member) is not { } name
        ? $"{at} has a member whose name is no text: half of a surrogate pair"
        : seen.Add(name) ? null : $"{Place(at, name)} stands twice; one of them must go";

    private bool CanRead(JsonElement value, Type type)
    {
        try
        {
            value.Deserialize(type, options);
            return true;
        }
        catch (Exception broken) when (broken is JsonException or InvalidOperationException)
        {
            return false;
        }
    }

    /// <summary>What a client may send, in the order of the declaration.</summary>
    private JsonPropertyInfo[] Known(Type type) => options.GetTypeInfo(type) is { Kind: JsonTypeInfoKind.Object } info
        ? [.. info.Properties.Where(member => member.Set is not null || member.AssociatedParameter is not null)]
        : [];

    private string Wrong(string at, Type type, RangeAttribute? range) => $"{(at == "$" ? "the body" : at)} must be {Words(type, range)}";

    /// <summary>What stands for a type in JSON, in words.</summary>
    private string Words(Type type, RangeAttribute? range)
    {
        var plain = Nullable.GetUnderlyingType(type) ?? type;
        var info = options.GetTypeInfo(plain);
        var bounds = range is null ? "" : string.Create(CultureInfo.InvariantCulture, $" from {range.Minimum} to {range.Maximum}");
        return info.Kind switch
        {
            JsonTypeInfoKind.Object => $"an object{Members(plain)}",
            JsonTypeInfoKind.Dictionary => info.ElementType == typeof(string) ? "an object whose values are strings" : "an object",
            JsonTypeInfoKind.Enumerable => info.ElementType == typeof(string) ? "a list of strings" : "a list",
            _ when plain == typeof(string) => "a string",
            _ when plain == typeof(bool) => "true or false",
            _ when plain == typeof(int) || plain == typeof(long) => $"a whole number{bounds}",
            _ when plain == typeof(double) => $"a number{bounds}",
            _ when plain.IsEnum => $"one of {string.Join(", ", Enum.GetNames(plain).Select(JsonNamingPolicy.CamelCase.ConvertName))}",
            _ => "another kind of value",
        };
    }

    private static bool IsAnything(Type type) => type == typeof(JsonDocument) || type == typeof(JsonElement) || type == typeof(JsonElement?);

    /// <summary>As JSONPath has it: <c>$.tags</c>, and <c>$["a b"]</c> for a name that a path cannot show bare.</summary>
    private static string Place(string at, string name)
    {
        var shown = name.Length > LongestName ? name[..LongestName] + "…" : name;
        return shown.Length > 0 && shown.All(c => char.IsAsciiLetterOrDigit(c) || c is '_' or '-' or '…') ? $"{at}.{shown}" : $"{at}[{JsonSerializer.Serialize(shown)}]";
    }
}
