namespace CacheGateway.Cli.Demo;

/// <summary>Where the sources lie: the demo builds the example API from them and uses the repository's own policies.</summary>
internal sealed record DemoRepository(string Root)
{
    private const string Mark = "CacheGateway.sln";

    public string BackendProject => Path.Combine(Root, "src", "BackendApi");

    public string BackendAssembly => Path.Combine(BackendProject, "bin", "Release", "net10.0", "BackendApi.dll");

    public string Policies => Path.Combine(Root, "config", "policies.json");

    /// <exception cref="DemoException">Neither directory, nor any above it, is the repository's.</exception>
    public static DemoRepository Find() => From(AppContext.BaseDirectory) ?? From(Environment.CurrentDirectory)
        ?? throw new DemoException(
            $"the demo builds src/BackendApi, so it needs a checkout of the repository; no {Mark} lies above {Environment.CurrentDirectory}.",
            RootCommands.BadUsage);

    public static DemoRepository? From(string directory)
    {
        for (var at = new DirectoryInfo(directory); at is not null; at = at.Parent)
        {
            if (File.Exists(Path.Combine(at.FullName, Mark)))
            {
                return new DemoRepository(at.FullName);
            }
        }

        return null;
    }
}
