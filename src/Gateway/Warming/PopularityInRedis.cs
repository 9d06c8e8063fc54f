using CacheGateway.Diagnostics;
using CacheGateway.Storage.Redis;
using StackExchange.Redis;

namespace CacheGateway.Warming;

/// <summary>One value of the deployment in Redis: what one node saw is a good guess for the next, whatever its name.</summary>
internal sealed class PopularityInRedis(RedisGuard guard, string deployment, ILogger<PopularityInRedis> logger) : IPopularityStore
{
    private static readonly TimeSpan Kept = TimeSpan.FromDays(7);

    // In the group that the rights of the deployment cover anyway.
    private readonly RedisKey _key = $"{deployment}:{{fence}}:popular";

    public async Task<byte[]?> ReadAsync()
    {
        var reply = await guard.ExecuteAsync("popular", guard.Limits.WriteTimeout, "GET", _key);
        return reply.Outcome == RedisOutcome.Ok ? (byte[]?)reply.Value : throw new IOException(reply.Outcome.ToString());
    }

    public async Task WriteAsync(byte[] bytes)
    {
        // The client library's own way to set a value that ends is SETEX, a right of its own.
        var reply = await guard.ExecuteAsync("popular", guard.Limits.WriteTimeout, "SET", _key, bytes, "EX", (long)Kept.TotalSeconds);
        if (reply.Outcome != RedisOutcome.Ok)
        {
            logger.PopularityNotWritten(reply.Outcome.ToString());
        }
    }
}
