using System.Globalization;
using CacheGateway.Storage.Redis;
using StackExchange.Redis;

namespace CacheGateway.Invalidation.Redis;

/// <summary>What a sync brought: one consistent view of the fence at one moment.</summary>
/// <param name="Incarnation">The fence's incarnation.</param>
/// <param name="Floor">Whatever is older is dead.</param>
/// <param name="Newest">The newest epoch.</param>
/// <param name="Entries">The stream after the position that was sent; empty when the incarnation was another.</param>
/// <param name="Nodes">Who is live.</param>
internal sealed record SyncReply(long Incarnation, long Floor, long Newest, IReadOnlyList<FenceEntry> Entries, IReadOnlyList<LiveNode> Nodes)
{
    /// <summary>Throws where it is not what our script answers; see <see cref="ReplyShape"/>.</summary>
    /// <param name="parts">The answer; its first part is the question it was asked with.</param>
    public static SyncReply Read(RedisResult[] parts)
    {
        var nodes = (string[])parts[5];
        var live = new List<LiveNode>(nodes.Length / 4);
        for (var i = 0; i + 3 < nodes.Length; i += 4)
        {
            live.Add(new LiveNode(nodes[i], nodes[i + 1], Number(nodes[i + 2]), Number(nodes[i + 3])));
        }

        return new SyncReply(
            Number(parts[1]), Number(parts[2]), Number(parts[3]), [.. ((RedisResult[])parts[4]).Select(FenceEntry.Read)], live);
    }

    internal static long Number(RedisResult part) => Number((string)part);

    private static long Number(string? text) => long.Parse(text ?? "", NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture);
}

/// <summary>A gateway that counts as live.</summary>
/// <param name="Instance">Names the process: two that were given one name stay two.</param>
/// <param name="Name">Its <c>--node</c>.</param>
/// <param name="Incarnation">The incarnation it lives in.</param>
/// <param name="Applied">How far it has applied the stream, by its own report.</param>
internal sealed record LiveNode(string Instance, string Name, long Incarnation, long Applied)
{
    /// <summary>The instance that stands for whoever was in a list that Redis lost; as in the scripts.</summary>
    public const string Forgotten = "forgotten";
}
