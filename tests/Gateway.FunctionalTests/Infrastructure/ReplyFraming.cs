namespace CacheGateway.FunctionalTests.Infrastructure;

/// <summary>How the end of a scripted body is told.</summary>
internal enum ReplyFraming
{
    Length,
    Chunked,

    /// <summary>By closing the connection.</summary>
    Close,
}
