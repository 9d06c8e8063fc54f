namespace CacheGateway.Policies;

/// <summary>Event ids 100 to 199.</summary>
internal static partial class PolicyLog
{
    [LoggerMessage(100, LogLevel.Information, "Loaded {Count} policies from {File}")]
    internal static partial void PoliciesLoaded(this ILogger logger, int count, string file);

    [LoggerMessage(101, LogLevel.Error, "The policies last loaded stay in force: {Error}")]
    internal static partial void PoliciesRejected(this ILogger logger, string error);

    [LoggerMessage(102, LogLevel.Warning, "Changes of {File} are noticed by polling alone, for it cannot be watched: {Reason}")]
    internal static partial void PoliciesNotWatched(this ILogger logger, string file, string reason);
}
