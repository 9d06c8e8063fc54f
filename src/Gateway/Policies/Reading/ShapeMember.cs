using System.Reflection;
using CacheGateway.Policies.Rules;

namespace CacheGateway.Policies.Reading;

/// <summary>One member of a section.</summary>
/// <param name="Name">As written in JSON.</param>
/// <param name="Property">Where its value goes.</param>
/// <param name="Rule">What the value, or each item of a list, must look like; null = any of its type.</param>
/// <param name="OneOrMany">A list that may be written as its only item.</param>
/// <param name="Required">It must be there.</param>
internal sealed record ShapeMember(string Name, PropertyInfo Property, ValueRuleAttribute? Rule, bool OneOrMany, bool Required)
{
    /// <summary>It is an object of members that are known.</summary>
    public bool IsSection => Property.PropertyType is { IsClass: true } type && type != typeof(string);
}
