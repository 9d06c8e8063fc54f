namespace CacheGateway.Cli.Remote;

/// <summary>A gateway that cannot be asked, or refused; the message is one line for whoever called.</summary>
/// <param name="message">What happened, and what would help.</param>
/// <param name="isBadUsage">The gateway says that what was asked for is wrong (exit code 2); else it failed (1).</param>
internal sealed class AdminException(string message, bool isBadUsage = false) : Exception(message)
{
    public bool IsBadUsage { get; } = isBadUsage;
}
