namespace CacheGateway.FunctionalTests.Conformance;

/// <summary>The cases of one area by name. The runner gets names, since a test's arguments must be simple.</summary>
internal sealed class ConformanceTable(params ConformanceCase[] cases)
{
    private readonly Dictionary<string, ConformanceCase> _byName = cases.ToDictionary(row => row.Name, StringComparer.Ordinal);

    public IEnumerable<ConformanceCase> Cases => cases;

    public TheoryData<string> Names => [.. cases.Select(row => row.Name)];

    public Task RunAsync(string name) => ConformanceRun.RunAsync(_byName[name]);
}
