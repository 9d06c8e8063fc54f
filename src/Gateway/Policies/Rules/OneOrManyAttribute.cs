namespace CacheGateway.Policies.Rules;

/// <summary>A list that may also be written as its only item.</summary>
[AttributeUsage(AttributeTargets.Property)]
internal sealed class OneOrManyAttribute : Attribute;
