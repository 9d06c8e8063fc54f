using CacheGateway.Model;
using CacheGateway.Policies.Document;
using CacheGateway.Policies.Reading;

namespace CacheGateway.Policies.Lint;

/// <summary>A policy as lints see it.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Section">As it is written.</param>
/// <param name="Compiled">As it works: once for each of its paths.</param>
internal sealed record LintedPolicy(string Name, PolicySection Section, IReadOnlyList<CachePolicy> Compiled)
{
    public CachePolicy Policy => Compiled[0];

    public Location At => Location.OfPolicy(Name);

    public bool StoresAnything => Policy.Enabled && Policy.Match.Methods.Contains("GET");
}
