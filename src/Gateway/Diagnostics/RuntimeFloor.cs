namespace CacheGateway.Diagnostics;

/// <summary>
/// The oldest .NET runtime without a published hole that reaches this gateway. An older one still serves: it is said once at the start and by the
/// health page, because who runs the gateway is often not who installs runtimes.
/// </summary>
internal sealed class RuntimeFloor(Version lowest, Version running)
{
    public RuntimeFloor(Version lowest)
        : this(lowest, Environment.Version)
    {
    }

    /// <summary>One line for people, or null when there is nothing to say.</summary>
    public string? Warning => running < lowest
        ? $"the .NET runtime is {running}; versions before {lowest} have known security holes: install a newer one, or publish self-contained"
        : null;
}
