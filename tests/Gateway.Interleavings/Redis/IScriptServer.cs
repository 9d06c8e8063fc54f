using CacheGateway.Storage.Redis;
using StackExchange.Redis;

namespace CacheGateway.Interleavings.Redis;

/// <summary>
/// What stands where Redis does: one command at a time, at a moment that the caller names. Two of them: <see cref="MemoryServer"/>, which does
/// what the product's scripts say, and <see cref="RealServer"/>, which runs them.
/// </summary>
internal interface IScriptServer
{
    /// <summary>Runs a script of the product at <paramref name="now"/> (microseconds since 1970).</summary>
    Reply Evaluate(RedisScript script, RedisKey[] keys, RedisValue[] values, long now, Action<string> published);

    /// <summary>Keys that begin so, in order.</summary>
    IReadOnlyList<string> Keys(string prefix);

    void Delete(string key);

    /// <summary>Takes the older half of a stream away.</summary>
    void Trim(string stream);

    /// <summary>Everything as it is now, to start from again.</summary>
    object Save();

    /// <summary>Another run of the server: empty, or with what <paramref name="saved"/> holds.</summary>
    void Restart(string run, object? saved);
}
