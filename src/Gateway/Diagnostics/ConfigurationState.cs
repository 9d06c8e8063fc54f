namespace CacheGateway.Diagnostics;

/// <summary>
/// Whether the configuration file as it stands now is the one in force. Made before there are services, so that the logger comes later; told by whoever watches the
/// file, read by health.
/// </summary>
internal sealed class ConfigurationState
{
    private volatile string? _problem;
    private (string File, string Reason)? _notWatched;
    private int _taken;
    private int _refused;

    /// <summary>Where changes are told, from when it is set.</summary>
    public ILogger? Logger
    {
        get;
        set
        {
            field = value;
            if (_notWatched is var (file, why))
            {
                value?.FileNotWatched(file, why);
            }
        }
    }

    /// <summary>What the proxy would have against a section of it, or null; asked before a change is taken.</summary>
    public Func<IConfigurationSection, string?>? Trial { get; set; }

    /// <summary>What an operator should know, or nothing.</summary>
    public IReadOnlyList<string> Warnings =>
        _problem is { } problem ? [$"the configuration file was changed and cannot be used, the last good one stays: {problem}"] : [];

    /// <summary>Changes of the file taken since start.</summary>
    public int Taken => Volatile.Read(ref _taken);

    /// <summary>Changes of the file refused since start.</summary>
    public int Refused => Volatile.Read(ref _refused);

    /// <param name="waiting">Keys that were changed since the start and are read there alone.</param>
    public void Take(IReadOnlyList<string> waiting)
    {
        ArgumentNullException.ThrowIfNull(waiting);
        _problem = null;
        Interlocked.Increment(ref _taken);
        Logger?.ConfigurationLoaded();
        if (waiting.Count > 0)
        {
            Logger?.ConfigurationWaits(string.Join(", ", waiting));
        }
    }

    public void Refuse(string problem)
    {
        _problem = problem;
        Interlocked.Increment(ref _refused);
        Logger?.ConfigurationRejected(problem);
    }

    /// <summary>Known before there is a logger: the file is read first of all.</summary>
    public void NotWatched(string file, string why) => _notWatched = (file, why);
}
