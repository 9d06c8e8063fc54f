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

    /// <exception cref="FormatException">Not what our script answers.</exception>
    public static RaiseReply Read(RedisResult result)
    {
        var parts = (string[])result;
        return new RaiseReply(SyncReply.Number(parts[0]), SyncReply.Number(parts[1]), SyncReply.Number(parts[2]), parts[3] == "done")
        {
            Replicas = parts.Length > 4 ? (int)SyncReply.Number(parts[4]) : 0,
        };
    }
}
