using CacheGateway.Storage.Redis;
using StackExchange.Redis;

namespace CacheGateway.Invalidation.Redis;

/// <param name="Incarnation">The incarnation the epoch belongs to.</param>
/// <param name="Epoch">The epoch it was raised to, now or the first time.</param>
/// <param name="Previous">The epoch before it.</param>
/// <param name="IsRepeated">Its cause was dealt with before; nothing was raised.</param>
internal sealed record RaiseReply(long Incarnation, long Epoch, long Previous, bool IsRepeated)
{
    /// <summary>How many replicas the server has.</summary>
    public int Replicas { get; init; }

    /// <summary>What the server refused of that which a raise can do without, in its words; null = nothing.</summary>
    public string? Refused { get; init; }

    /// <summary>Throws where it is not what our script answers; see <see cref="ReplyShape"/>.</summary>
    /// <param name="parts">The answer; its first part is the id it was asked with.</param>
    public static RaiseReply Read(RedisResult[] parts) =>
        new(SyncReply.Number(parts[1]), SyncReply.Number(parts[2]), SyncReply.Number(parts[3]), (string)parts[4] == "done")
        {
            Replicas = (int)SyncReply.Number(parts[5]),
            Refused = (string?)parts[6] is { Length: > 0 } refused ? refused : null,
        };
}
