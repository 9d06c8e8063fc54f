using Xunit.v3;

namespace CacheGateway.Proofs;

/// <summary>
/// Says that a test carries out an attack of docs/attacks.md. The row counts as held when every test that names it passes; test.sh prints the
/// sums, and the page is made from these.
/// </summary>
/// <param name="id">The row ("D06"): its group's letter and a number.</param>
/// <param name="name">The row's name in the catalogue.</param>
[AttributeUsage(AttributeTargets.Method | AttributeTargets.Class, AllowMultiple = true)]
internal sealed class AttackAttribute(string id, string name) : Attribute, ITraitAttribute
{
    public string Id => id;

    public string Name => name;

    public IReadOnlyCollection<KeyValuePair<string, string>> GetTraits() => [new("Attack", $"{Id} {Name}")];
}
