namespace CacheGateway.FunctionalTests.Policies;

/// <summary>Names the members of policies.json whose effect a test proves.</summary>
/// <param name="members">Of a policy by their path in it ("key.query.sort"), of the document with "$." before it ("$.defaults.ttl").</param>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class CoversPolicyAttribute(params string[] members) : Attribute
{
    public IReadOnlyList<string> Members { get; } = members;
}
