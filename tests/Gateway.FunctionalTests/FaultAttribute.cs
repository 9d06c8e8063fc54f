using Xunit.v3;

namespace CacheGateway.FunctionalTests;

/// <summary>Names the fault that a test makes and what then holds; the catalogue in docs/faults.md is made from these.</summary>
/// <param name="id">Of the catalogue ("F-27").</param>
/// <param name="what">The fault and what holds all the same, in a sentence.</param>
[AttributeUsage(AttributeTargets.Method, AllowMultiple = true)]
public sealed class FaultAttribute(string id, string what) : Attribute, ITraitAttribute
{
    public string Id { get; } = id;

    public string What { get; } = what;

    /// <summary>Rows are counted by their id; the table at the end of test.sh is made from these.</summary>
    public IReadOnlyCollection<KeyValuePair<string, string>> GetTraits() => [new("Fault", Id)];
}
