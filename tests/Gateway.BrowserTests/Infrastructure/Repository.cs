namespace CacheGateway.BrowserTests.Infrastructure;

/// <summary>Finds the sources above the test's own directory.</summary>
internal static class Repository
{
    public static readonly string Root = Find(AppContext.BaseDirectory);

    private static string Find(string? folder) =>
        folder is null ? throw new InvalidOperationException("No CacheGateway.sln above the tests.")
        : File.Exists(Path.Combine(folder, "CacheGateway.sln")) ? folder
        : Find(Path.GetDirectoryName(folder));
}
