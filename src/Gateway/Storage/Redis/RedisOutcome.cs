namespace CacheGateway.Storage.Redis;

/// <summary>How a call to Redis ended. Append only: the names are labels of a metric.</summary>
internal enum RedisOutcome
{
    Ok,

    /// <summary>No answer in time. It may come later, and is then thrown away.</summary>
    Timeout,

    /// <summary>Not sent: the circuit breaker is open.</summary>
    Open,

    /// <summary>Not sent: as many calls as allowed are under way.</summary>
    Busy,

    /// <summary>There is no connection, or it broke before the answer came.</summary>
    Disconnected,

    /// <summary>The server is there and cannot answer anybody now (LOADING, BUSY, CLUSTERDOWN, MASTERDOWN, NOAUTH).</summary>
    Unavailable,

    /// <summary>The server refused this command (OOM, READONLY, MISCONF, NOPERM, an error of the script). Others may well work.</summary>
    Refused,

    Failed,
}
