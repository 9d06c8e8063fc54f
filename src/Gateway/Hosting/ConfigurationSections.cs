using CacheGateway.Policies.Rules;

namespace CacheGateway.Hosting;

/// <summary>
/// What stands at the top of the file of <c>--config</c>. A name that is nearly one that is read is a mistake; any other may be meant for somebody else who reads the
/// same file, and is warned of.
/// </summary>
internal static class ConfigurationSections
{
    /// <summary>What a policy file begins with.</summary>
    private const string Policies = "policies";

    /// <summary>Read by the gateway and by the server that it runs on.</summary>
    private static readonly string[] Known = [SettingKeys.Section, ProxySection.Name, "Kestrel", "Logging", "AllowedHosts"];

    /// <summary>For editors and people.</summary>
    private static readonly string[] Notes = ["$schema", "description", "comment"];

    /// <summary>What keeps the file from being meant as it is written; empty where nothing does.</summary>
    /// <param name="file">The file alone.</param>
    public static IReadOnlyList<string> Errors(IConfiguration file)
    {
        string[] unknown = [.. Unknown(file)];
        return unknown.Contains(Policies, StringComparer.OrdinalIgnoreCase)
            ? [$"{Policies}: this is a policy file; give it with --policies"]
            : [.. unknown.Select(name => (name, Near: Suggestion.For(name, Known))).Where(found => found.Near.Length > 0).Select(found => $"{found.name}: nobody reads it{found.Near}")];
    }

    /// <summary>What the gateway itself does not read; empty where there is nothing.</summary>
    /// <param name="file">The file alone.</param>
    public static IReadOnlyList<string> Warnings(IConfiguration file) =>
        [.. Unknown(file).Where(name => Suggestion.For(name, Known).Length == 0).Select(name => $"{name}: the gateway does not read it; it reads {string.Join(", ", Known)}")];

    private static IEnumerable<string> Unknown(IConfiguration file)
    {
        ArgumentNullException.ThrowIfNull(file);
        return file.GetChildren().Select(section => section.Key).Where(name => !Known.Concat(Notes).Contains(name, StringComparer.OrdinalIgnoreCase));
    }
}
