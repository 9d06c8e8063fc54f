using System.Text.Json.Nodes;

namespace CacheGateway.Policies.Rules;

/// <summary>What a member's value (or each item of a list) must look like: read by the reader of the file and by the maker of its schema.</summary>
[AttributeUsage(AttributeTargets.Property)]
internal abstract class ValueRuleAttribute : Attribute
{
    /// <summary>What would be right, after "must be".</summary>
    public abstract string Expected { get; }

    /// <summary>Why a value of the right JSON type is wrong ("must not be negative"), or null.</summary>
    public abstract string? Problem(string value);

    /// <summary>Adds the rule to the value's JSON schema.</summary>
    public abstract void Describe(JsonObject schema);
}
