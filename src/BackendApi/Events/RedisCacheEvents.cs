using StackExchange.Redis;

namespace BackendApi.Events;

/// <summary>Appends each event to a stream in Redis, where it waits for its readers: <c>XADD cachegateway:events * json {...}</c>.</summary>
internal sealed class RedisCacheEvents(ConfigurationOptions options, ILogger<RedisCacheEvents> logger) : ICacheEvents, IAsyncDisposable
{
    private const string Stream = "cachegateway:events";

    /// <summary>Kept in the stream, about.</summary>
    private const int MaxLength = 100_000;
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(2);

    private readonly Lazy<Task<ConnectionMultiplexer>> _connection = new(() =>
    {
        options.AbortOnConnectFail = false;
        options.ConnectTimeout = 1000;
        return ConnectionMultiplexer.ConnectAsync(options);
    });

    public async Task PublishAsync(string name, object data, CancellationToken cancellation = default)
    {
        try
        {
            var connection = await _connection.Value.WaitAsync(Limit, cancellation);
            await connection.GetDatabase()
                .ExecuteAsync("XADD", (RedisKey)Stream, "MAXLEN", "~", MaxLength, "*", "json", EventPayload.Of(name, data).Json)
                .WaitAsync(Limit, cancellation);
        }
        catch (Exception error) when (error is RedisException or TimeoutException or OperationCanceledException)
        {
            logger.NotPublished(name, error.GetType().Name);
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (_connection.IsValueCreated)
        {
            var connection = await _connection.Value;
            await connection.CloseAsync();
            connection.Dispose();
        }
    }
}
