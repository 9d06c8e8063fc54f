namespace CacheGateway.FunctionalTests.Infrastructure;

/// <summary>What the origin does with the connection after the scripted bytes.</summary>
internal enum ReplyEnding
{
    KeepAlive,

    /// <summary>FIN.</summary>
    Close,

    /// <summary>RST.</summary>
    Reset,
}
