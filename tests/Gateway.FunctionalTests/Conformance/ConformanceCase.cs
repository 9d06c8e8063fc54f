using CacheGateway.Model;

namespace CacheGateway.FunctionalTests.Conformance;

/// <summary>One requirement, proved by a few requests in a row.</summary>
/// <param name="Section">The document and section it covers, as in <see cref="CoversAttribute"/>.</param>
/// <param name="Name">The requirement in words; unique in its table.</param>
/// <param name="Steps">The requests.</param>
internal sealed record ConformanceCase(string Section, string Name, params ConformanceStep[] Steps)
{
    public CacheProfile Profile { get; init; } = CacheProfile.Rfc9111;
}
