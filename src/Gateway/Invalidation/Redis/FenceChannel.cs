using System.Globalization;
using System.Security.Cryptography;
using CacheGateway.Storage;
using CacheGateway.Storage.Redis;
using StackExchange.Redis;

namespace CacheGateway.Invalidation.Redis;

/// <summary>
/// The fence's scripts as calls. Null = Redis did not take it, or nobody knows whether it did. Its calls have a guard of their own: what goes wrong
/// with large responses must not open the circuit of invalidations.
/// </summary>
internal sealed class FenceChannel(IRedisLink link, IRedisCalls redis, FenceKeys keys, BusLimits limits, NodeName node)
{
    public string Instance { get; } = NodeInstance.New();

    /// <summary>Why the last call failed, in the server's words or ours.</summary>
    public string? LastError { get; private set; }

    public FenceKeys Keys => keys;

    public IRedisLink Link => link;

    public async Task<RaiseReply?> RaiseAsync(InvalidationOrder order, FencePosition position)
    {
        var scope = order.Scope;
        RedisKey[] names = order.Once is { } once ? [.. keys.Group, keys.Audit, keys.Done(once)] : [.. keys.Group, keys.Audit];
        RedisValue[] values =
        [
            Candidate(), Text(position.Incarnation), Text(position.Applied), Witness(position), order.Id, node.Value, ScopeText.Write(scope),
            scope is { All: true, Soft: false } ? "1" : "", Text((long)limits.Retention.TotalMicroseconds), limits.MaxMarks,
            (long)limits.Remember.TotalSeconds, (string)keys.Wake!, order.Source.ToString(), order.Who, order.Reason,
            .. ScopeText.Marks(scope).Select(mark => (RedisValue)mark),
        ];
        return await EvaluateAsync(FenceScripts.Raise, names, values) is { } result ? RaiseReply.Read(result) : null;
    }

    /// <param name="position">How far this node is.</param>
    /// <param name="window">How long after it this node counts as live.</param>
    public async Task<SyncReply?> SyncAsync(FencePosition position, TimeSpan window)
    {
        RedisValue[] values =
        [
            Candidate(), Text(position.Incarnation), Text(position.Applied), Witness(position), Instance, node.Value, position.Cursor, limits.MaxEntries,
            Text((long)window.TotalMicroseconds),
        ];
        return await EvaluateAsync(FenceScripts.Sync, keys.Group, values) is { } result ? SyncReply.Read(result) : null;
    }

    public Task LeaveAsync(params string[] instances) =>
        EvaluateAsync(FenceScripts.Leave, [keys.Group[3]], [.. instances.Select(instance => (RedisValue)instance)]);

    /// <summary>What the server evicts when it is full.</summary>
    public async Task<string?> EvictionAsync() =>
        await EvaluateAsync(FenceScripts.Eviction, [keys.State], []) is { } result ? (string)result : null;

    /// <summary>
    /// Reads the marks up to <paramref name="newest"/>, some of them twice; false when not all came. Whatever is raised meanwhile moves above it, where the stream brings it:
    /// so the reading ends, however fast others raise.
    /// </summary>
    /// <param name="newest">Where the stream ended before.</param>
    /// <param name="take">Gets them, some at a time.</param>
    public async Task<bool> ReadMarksAsync(long newest, Action<IPastRaises> take)
    {
        var asked = AskAsync("", "");
        while (await asked is { } result)
        {
            var parts = (RedisResult[])result;
            var epoch = (string)parts[2] ?? "";
            var isLast = !long.TryParse(epoch, NumberStyles.None, CultureInfo.InvariantCulture, out var reached) || reached > newest;
            if (!isLast)
            {
                // Redis looks for the next while these are taken in.
                asked = AskAsync((RedisValue)parts[1], epoch);
            }

            take(new MarkList((byte[])parts[0] ?? [], newest));
            if (isLast)
            {
                return true;
            }
        }

        return false;

        Task<RedisResult?> AskAsync(RedisValue mark, string epoch) => EvaluateAsync(FenceScripts.Marks, [keys.Marks], [mark, epoch, limits.MaxMarksRead]);
    }

    private string Witness(FencePosition position) => position.Last != 0 ? Text(position.Last) : limits.EmptyIsLoss ? "loss" : "";

    private static string Text(long number) => number.ToString(CultureInfo.InvariantCulture);

    /// <summary>The name of an incarnation, if this call must begin one.</summary>
    private static string Candidate() =>
        Text(((long)RandomNumberGenerator.GetInt32(1, int.MaxValue) << 31) | (uint)RandomNumberGenerator.GetInt32(int.MaxValue));

    private async Task<RedisResult?> EvaluateAsync(RedisScript script, RedisKey[] names, RedisValue[] values)
    {
        var reply = await redis.EvaluateAsync(script, names, values, limits.CallTimeout);
        LastError = reply.IsOk ? null : reply.Error ?? reply.Outcome.ToString();
        return reply.IsOk ? reply.Value : null;
    }
}
