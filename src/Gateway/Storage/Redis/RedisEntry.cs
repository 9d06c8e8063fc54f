using CacheGateway.Model;

namespace CacheGateway.Storage.Redis;

/// <summary>What one read of a key gave.</summary>
/// <param name="Specs">The vary specs that are stored; null = nothing is, or it could not be read.</param>
/// <param name="Responses">The usable responses among the variants asked for.</param>
internal sealed record RedisEntry(string[]? Specs, StoredResponse[] Responses)
{
    public static readonly RedisEntry Absent = new(null, []);
}
