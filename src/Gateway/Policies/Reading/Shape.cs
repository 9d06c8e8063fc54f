using System.Collections.Concurrent;
using System.Collections.Frozen;
using System.Reflection;
using System.Text.Json;
using System.Text.Json.Serialization;
using CacheGateway.Policies.Rules;

namespace CacheGateway.Policies.Reading;

/// <summary>The members of a section type as they are written in JSON.</summary>
internal sealed class Shape
{
    private static readonly ConcurrentDictionary<Type, Shape> Known = new();

    private Shape(Type type) => Members = type.GetProperties()
        .Select(property => new ShapeMember(
            property.GetCustomAttribute<JsonPropertyNameAttribute>()?.Name ?? JsonNamingPolicy.CamelCase.ConvertName(property.Name),
            property,
            property.GetCustomAttribute<ValueRuleAttribute>(),
            property.IsDefined(typeof(OneOrManyAttribute)),
            property.IsDefined(typeof(JsonRequiredAttribute))))
        .ToFrozenDictionary(member => member.Name, StringComparer.Ordinal);

    public FrozenDictionary<string, ShapeMember> Members { get; }

    public static Shape Of(Type type) => Known.GetOrAdd(type, static found => new Shape(found));
}
