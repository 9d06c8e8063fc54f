namespace CacheGateway.FunctionalTests.Infrastructure;

/// <summary>What a <see cref="FaultProxy"/> does with a new connection.</summary>
internal enum FaultWelcome
{
    /// <summary>Connects it through.</summary>
    Serve,

    /// <summary>Takes it and never reads: the other end sees an open connection and no word.</summary>
    Silence,

    /// <summary>Takes it and ends it with RST.</summary>
    Reset,
}
