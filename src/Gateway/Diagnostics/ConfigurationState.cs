namespace CacheGateway.Diagnostics;

/// <summary>
/// Whether the configuration file as it stands now is the one in force. Made before there are services, so that the logger comes later; told by whoever watches the
/// file, read by health.
/// </summary>
internal sealed class ConfigurationState
{
    private volatile string? _problem;

    /// <summary>Where changes are told.</summary>
    public ILogger? Logger { get; set; }

    /// <summary>What the proxy would have against a section of it, or null; asked before a change is taken.</summary>
    public Func<IConfigurationSection, string?>? Trial { get; set; }

    /// <summary>What an operator should know, or nothing.</summary>
    public IReadOnlyList<string> Warnings =>
        _problem is { } problem ? [$"the configuration file was changed and cannot be used, the last good one stays: {problem}"] : [];

    public void Take()
    {
        _problem = null;
        Logger?.ConfigurationLoaded();
    }

    public void Refuse(string problem)
    {
        _problem = problem;
        Logger?.ConfigurationRejected(problem);
    }
}
