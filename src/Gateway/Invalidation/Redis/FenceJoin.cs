using CacheGateway.Diagnostics;

namespace CacheGateway.Invalidation.Redis;

/// <summary>
/// How a node comes into an incarnation: it has been told where the stream ends, reads every mark, and is joined; the next whole sync brings what
/// was raised meanwhile. Used by the bus's loop alone.
/// </summary>
internal sealed class FenceJoin(FenceChannel channel, FenceReplica replica, TimeProvider time, ILogger logger)
{
    /// <summary>How the server evicts may be changed while it runs.</summary>
    private static readonly TimeSpan LookEvery = TimeSpan.FromMinutes(1);

    private long _lookedAt;

    /// <summary>What the server evicts when it is full; empty = not known yet.</summary>
    public string Eviction { get; private set; } = "";

    /// <summary>Whether the server may evict the fence itself.</summary>
    public bool MayEvictFence => Eviction.StartsWith("allkeys", StringComparison.Ordinal);

    /// <summary>Reads the marks of the incarnation that <paramref name="reply"/> told of. False when Redis did not give them all.</summary>
    public async Task<bool> JoinAsync(SyncReply reply)
    {
        if (!await channel.ReadMarksAsync(reply.Incarnation, reply.Newest, marks => replica.TakeMarks(reply.Incarnation, marks)))
        {
            return false;
        }

        replica.Joined(reply.Incarnation);
        logger.Joined(reply.Incarnation, reply.Newest, replica.Marks);
        await LookAroundAsync(reply);
        return true;
    }

    /// <summary>Asks again how the server evicts, once in a while. For whoever has just been answered.</summary>
    public Task LookAgainAsync() => time.GetElapsedTime(_lookedAt) < LookEvery ? Task.CompletedTask : AskEvictionAsync();

    private async Task AskEvictionAsync()
    {
        _lookedAt = time.GetTimestamp();
        var before = Eviction;
        Eviction = await channel.EvictionAsync() ?? before;
        if (MayEvictFence && Eviction != before)
        {
            logger.EvictionUnsafe(Eviction);
        }
    }

    /// <summary>What is worth knowing at once: how the server evicts, and which nodes are dead for certain.</summary>
    private async Task LookAroundAsync(SyncReply reply)
    {
        await AskEvictionAsync();
        var gone = reply.Nodes.Where(peer => NodeInstance.IsGone(peer.Instance, channel.Instance)).Select(peer => peer.Instance).ToArray();
        if (gone.Length > 0)
        {
            await channel.LeaveAsync(gone);
        }
    }
}
