using StackExchange.Redis;

namespace CacheGateway.Storage.Redis;

/// <summary>
/// Calls to Redis as the fence and the shared tier make them: none throws, none waits past its limit. Two of them: <see cref="RedisGuard"/>, and
/// the simulated server under which tests interleave whole gateways.
/// </summary>
internal interface IRedisCalls
{
    RedisLimits Limits { get; }

    /// <summary>Runs a script; see <see cref="RedisScript"/>.</summary>
    Task<RedisReply<RedisResult>> EvaluateAsync(RedisScript script, RedisKey[] keys, RedisValue[] values, TimeSpan? timeLimit = null);

    /// <summary>Whether one server answers everything: what it said of its clock holds for what is asked next.</summary>
    bool HasOneClock { get; }

    /// <summary>The values of some fields of a hash.</summary>
    /// <param name="name">A label of the metric: one of a small set.</param>
    /// <param name="key">Of the hash.</param>
    /// <param name="fields">Their names.</param>
    /// <param name="timeLimit">Longest wait.</param>
    Task<RedisReply<RedisValue[]>> FieldsAsync(string name, RedisKey key, RedisValue[] fields, TimeSpan timeLimit);

    /// <summary>An answer was one to another question: nothing that comes on this connection can be trusted any more.</summary>
    void OutOfStep();
}
