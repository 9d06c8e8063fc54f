using StackExchange.Redis;

namespace CacheGateway.Storage.Redis;

/// <summary>
/// The connection itself, as far as its users must know of it. Two of them: <see cref="RedisConnection"/>, and the one that tests cut.
/// </summary>
internal interface IRedisLink
{
    /// <summary>Raised on every connect and reconnect, on a thread of the client library: handlers must not block.</summary>
    event Action? Connected;

    /// <summary>What subscriptions are made on, or null while there has never been a connection. Another one knows nothing of older subscriptions.</summary>
    object? Line { get; }

    /// <summary>Why there is no connection, in the words of whoever refuses it; null while there is one, and where nobody knows.</summary>
    string? Problem => null;

    /// <summary>Begins to connect if nobody did.</summary>
    void Start();

    /// <summary>Subscribes on the present <see cref="Line"/>.</summary>
    /// <exception cref="RedisException">The connection broke.</exception>
    /// <exception cref="IOException">There is none.</exception>
    Task SubscribeAsync(RedisChannel channel, Action<RedisValue> heard);
}
