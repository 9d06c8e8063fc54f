using Xunit.v3;

namespace CacheGateway.Proofs;

/// <summary>Says that a test causes a fault of the catalogue. The row counts as held when every test that names it passes; test.sh prints the sums.</summary>
/// <param name="id">The row ("F-01").</param>
/// <param name="name">The row's name in the catalogue.</param>
[AttributeUsage(AttributeTargets.Method | AttributeTargets.Class, AllowMultiple = true)]
internal sealed class FaultAttribute(string id, string name) : Attribute, ITraitAttribute
{
    public string Id => id;

    public string Name => name;

    public IReadOnlyCollection<KeyValuePair<string, string>> GetTraits() => [new("Fault", $"{Id} {Name}")];
}
