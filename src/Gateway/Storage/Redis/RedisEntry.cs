using CacheGateway.Model;

namespace CacheGateway.Storage.Redis;

/// <summary>What one read of a key gave.</summary>
/// <param name="Outcome">How the call ended.</param>
/// <param name="Specs">The vary specs that are stored; null = nothing is.</param>
/// <param name="Responses">The usable responses among the variants asked for.</param>
internal sealed record RedisEntry(RedisOutcome Outcome, string[]? Specs, StoredResponse[] Responses)
{
    public static readonly RedisEntry Absent = new(RedisOutcome.Ok, null, []);
}
