namespace CacheGateway.FunctionalTests.Documentation;

/// <summary>Files of the repository that this build came from.</summary>
internal static class Repository
{
    public static string Root { get; } = Find(new DirectoryInfo(AppContext.BaseDirectory));

    private static string Find(DirectoryInfo? folder) =>
        folder is null ? throw new InvalidOperationException("No CacheGateway.sln above " + AppContext.BaseDirectory)
            : File.Exists(Path.Combine(folder.FullName, "CacheGateway.sln")) ? folder.FullName
            : Find(folder.Parent);
}
