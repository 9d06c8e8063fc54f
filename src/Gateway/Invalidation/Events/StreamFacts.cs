using StackExchange.Redis;

namespace CacheGateway.Invalidation.Events;

/// <summary>What XINFO STREAM says of a stream.</summary>
/// <param name="Last">The last id it ever gave.</param>
/// <param name="IsWhole">Every entry that was ever added is there.</param>
/// <param name="First">The id of its first entry, or null where it has none.</param>
internal sealed record StreamFacts(string Last, bool IsWhole, string? First)
{
    /// <summary>Null where it is no such answer.</summary>
    public static StreamFacts? Read(RedisResult reply)
    {
        var facts = (RedisResult[])reply;
        RedisResult? Fact(string fact)
        {
            for (var i = 0; i + 1 < facts.Length; i += 2)
            {
                if ((string)facts[i] == fact && !facts[i + 1].IsNull)
                {
                    return facts[i + 1];
                }
            }

            return null;
        }

        return (string?)Fact("last-generated-id") is { } last
            ? new StreamFacts(last, (string?)Fact("entries-added") == (string?)Fact("length"), Fact("first-entry") is { } first ? (string)((RedisResult[])first)[0] : null)
            : null;
    }
}
