namespace CacheGateway.Hosting;

/// <summary>
/// The section <c>Kestrel</c>, from which the server takes certificates and the details of TLS. An endpoint there would be a listener without a role: open to everybody, and behind
/// neither the guard of framing nor the limit of connections.
/// </summary>
internal static class KestrelSection
{
    public const string Name = "Kestrel";
    private const string Endpoints = "Endpoints";

    /// <summary>A line for each endpoint; empty when there is none.</summary>
    /// <param name="configuration">The file, or the environment.</param>
    public static IReadOnlyList<string> Errors(IConfiguration configuration)
    {
        ArgumentNullException.ThrowIfNull(configuration);
        return [.. configuration.GetSection(Name).GetSection(Endpoints).GetChildren().Select(endpoint =>
            $"{endpoint.Path}: the gateway listens where --urls, --h2c-urls and --admin-urls say{(endpoint["Url"] is { Length: > 0 } url ? $"; write {url} there" : "")}")];
    }

    /// <summary>Where certificates are named, for what the server says of one, which does not know where it was told of it; empty = nowhere.</summary>
    /// <param name="file">That of <c>--config</c>; null = there is none.</param>
    /// <param name="environment">It is stronger: a certificate whose path it names is not the file's.</param>
    public static string Certificates(string? file, IConfiguration environment)
    {
        ArgumentNullException.ThrowIfNull(environment);
        var own = environment.GetSection(Name).GetSection("Certificates");
        string[] keys = [.. own.AsEnumerable().Where(pair => pair.Value is not null).Select(pair => pair.Key).Order(StringComparer.Ordinal)];
        var isOfFile = file is not null && !Array.Exists(keys, IsPath);
        return string.Join(", ", [.. isOfFile ? (string[])[$"--config: {file}: {own.Path}"] : [], .. keys.Select(key => $"environment: {key}")]);
    }

    /// <summary>
    /// The section as the server may have it, however the application was configured: without endpoints, and with paths of certificates that begin where the process was started, whatever
    /// the server takes for its own folder.
    /// </summary>
    public static IConfigurationSection ForServer(IConfiguration configuration)
    {
        ArgumentNullException.ThrowIfNull(configuration);
        return new ConfigurationBuilder()
            .AddInMemoryCollection(configuration.GetSection(Name).AsEnumerable().Where(pair => !IsEndpoint(pair.Key))
                .Select(pair => pair.Value is { Length: > 0 } path && IsPath(pair.Key) ? KeyValuePair.Create(pair.Key, (string?)Path.GetFullPath(path)) : pair))
            .Build()
            .GetSection(Name);
    }

    private static bool IsPath(string key) =>
        key.StartsWith($"{Name}:Certificates:", StringComparison.OrdinalIgnoreCase)
        && (key.EndsWith(":Path", StringComparison.OrdinalIgnoreCase) || key.EndsWith(":KeyPath", StringComparison.OrdinalIgnoreCase));

    private static bool IsEndpoint(string key) =>
        key.Equals($"{Name}:{Endpoints}", StringComparison.OrdinalIgnoreCase) || key.StartsWith($"{Name}:{Endpoints}:", StringComparison.OrdinalIgnoreCase);
}
