namespace CacheGateway.Cli.Demo;

internal enum AnswerVerdict
{
    Right,

    /// <summary>Older than a write that was confirmed before the request was sent.</summary>
    Stale,

    /// <summary>Made for another request: another user, page or row.</summary>
    Foreign,

    /// <summary>No answer, an error, or none that can be understood.</summary>
    Failed,
}
