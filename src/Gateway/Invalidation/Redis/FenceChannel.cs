using System.Globalization;
using System.Security.Cryptography;
using CacheGateway.Storage;
using CacheGateway.Storage.Redis;
using StackExchange.Redis;

namespace CacheGateway.Invalidation.Redis;

/// <summary>
/// The fence's scripts as calls. Null = Redis did not take it, or nobody knows whether it did. Its calls have a guard of their own: what goes wrong
/// with large responses must not open the circuit of invalidations. An answer that does not begin with what was asked belongs to another call: the
/// connection is out of step and is given up, and the call counts as not answered.
/// </summary>
#pragma warning disable CA1001 // Nothing asks its semaphore for a wait handle, which is all that it would have to give back; who still raises at the end must not find it gone.
internal sealed class FenceChannel(IRedisLink link, IRedisCalls redis, FenceKeys keys, BusLimits limits, NodeName node)
#pragma warning restore CA1001
{
    private readonly SemaphoreSlim _raising = new(limits.MaxRaises);
    private long _asked;

    public string Instance { get; } = NodeInstance.New();

    /// <summary>Why the last call failed, in the server's words or ours.</summary>
    public string? LastError { get; private set; }

    /// <summary>What Redis refused of the last raise that it took, in its words; null = nothing.</summary>
    public string? Refused { get; private set; }

    public FenceKeys Keys => keys;

    public IRedisLink Link => link;

    /// <summary>Many at once wait for each other, so that a burst is none of what goes wrong with Redis, and syncs have room beside it.</summary>
    public async Task<RaiseReply?> RaiseAsync(InvalidationOrder order, FencePosition position)
    {
        if (!await _raising.WaitAsync(limits.RaiseWait))
        {
            LastError = "too many at once";
            return null;
        }

        try
        {
            return await RaiseNowAsync(order, position);
        }
        finally
        {
            _raising.Release();
        }
    }

    /// <summary>Out of turn, for who comes one by one and has others waiting for it.</summary>
    public async Task<RaiseReply?> RaiseNowAsync(InvalidationOrder order, FencePosition position)
    {
        var scope = order.Scope;
        RedisKey[] names = order.Once is not null ? [.. keys.Group, keys.Audit, keys.Done] : [.. keys.Group, keys.Audit];
        RedisValue[] values =
        [
            Candidate(), Text(position.Incarnation), Text(position.Applied), Witness(position), order.Id, node.Value, ScopeText.Write(scope),
            scope is { All: true, Soft: false } ? "1" : "", Text((long)limits.Retention.TotalMicroseconds), limits.MaxMarks,
            (long)limits.Remember.TotalSeconds, (string)keys.Wake!, order.Source.ToString(), order.Who, order.Reason,
            order.Once ?? "", limits.MaxRemembered,
            .. ScopeText.Marks(scope).Select(mark => (RedisValue)mark),
        ];
        var reply = await AskAsync(FenceScripts.Raise, names, values, order.Id, RaiseReply.Read);
        if (reply is { IsRepeated: false })
        {
            Refused = reply.Refused;
        }

        return reply;
    }

    /// <param name="position">How far this node is.</param>
    /// <param name="window">How long after it this node counts as live.</param>
    /// <param name="most">Entries of the stream that are asked for.</param>
    public async Task<SyncReply?> SyncAsync(FencePosition position, TimeSpan window, int most)
    {
        var question = Question();
        RedisValue[] values =
        [
            Candidate(), Text(position.Incarnation), Text(position.Applied), Witness(position), Instance, node.Value, position.Cursor, most,
            Text((long)window.TotalMicroseconds), question,
        ];
        return await AskAsync(FenceScripts.Sync, keys.Group, values, question, SyncReply.Read);
    }

    public Task LeaveAsync(params string[] instances) =>
        EvaluateAsync(FenceScripts.Leave, [keys.Group[3]], [.. instances.Select(instance => (RedisValue)instance)]);

    /// <summary>What the server evicts when it is full.</summary>
    public Task<string?> EvictionAsync()
    {
        var question = Question();
        return AskAsync(FenceScripts.Eviction, [keys.State], [question], question, parts => (string?)parts[1]);
    }

    /// <summary>
    /// Reads the marks up to <paramref name="newest"/>, some of them twice; false when not all came. Whatever is raised meanwhile moves above it, where the stream brings it:
    /// so the reading ends, however fast others raise.
    /// </summary>
    /// <param name="incarnation">Whose marks.</param>
    /// <param name="newest">Where the stream ended before.</param>
    /// <param name="take">Gets them, some at a time.</param>
    public async Task<bool> ReadMarksAsync(long incarnation, long newest, Action<IPastRaises> take)
    {
        var asked = PageAsync("", "");
        while (await asked is { } page)
        {
            var isLast = !long.TryParse(page.Epoch, NumberStyles.None, CultureInfo.InvariantCulture, out var reached) || reached > newest;
            if (!isLast)
            {
                // Redis looks for the next while these are taken in.
                asked = PageAsync(page.Last, page.Epoch);
            }

            take(new MarkList(page.Marks, newest));
            if (isLast)
            {
                return true;
            }
        }

        return false;

        Task<MarkPage?> PageAsync(RedisValue mark, string epoch)
        {
            var question = Question();
            return AskAsync(
                FenceScripts.Marks, [keys.Marks, keys.State], [mark, epoch, limits.MaxMarksRead, question, Text(incarnation), Text(newest)], question,
                parts => new MarkPage((byte[]?)parts[1] ?? [], (RedisValue)parts[2], (string?)parts[3] ?? ""));
        }
    }

    private string Witness(FencePosition position) => position.Last != 0 ? Text(position.Last) : limits.EmptyIsLoss ? "loss" : "";

    private static string Text(long number) => number.ToString(CultureInfo.InvariantCulture);

    /// <summary>The name of an incarnation, if this call must begin one.</summary>
    private static string Candidate() =>
        Text(((long)RandomNumberGenerator.GetInt32(1, int.MaxValue) << 31) | (uint)RandomNumberGenerator.GetInt32(int.MaxValue));

    /// <summary>What an answer is known by: no other call of any gateway has the same.</summary>
    private string Question() => $"{Instance}:{Text(Interlocked.Increment(ref _asked))}";

    /// <summary>Evaluates and reads; null where there is no answer, or one to another question.</summary>
    private async Task<T?> AskAsync<T>(RedisScript script, RedisKey[] names, RedisValue[] values, string question, Func<RedisResult[], T?> read)
        where T : class
    {
        if (await EvaluateAsync(script, names, values) is not { } result)
        {
            return null;
        }

        if (ReplyShape.TryRead(result, reply => (RedisResult[]?)reply is [{ } about, ..] parts && (string?)about == question ? read(parts) : null) is { } answer)
        {
            return answer;
        }

        redis.OutOfStep();
        LastError = "an answer to another question";
        return null;
    }

    private async Task<RedisResult?> EvaluateAsync(RedisScript script, RedisKey[] names, RedisValue[] values)
    {
        var reply = await redis.EvaluateAsync(script, names, values, limits.CallTimeout);
        LastError = reply.IsOk ? null : reply.Error ?? reply.Outcome.ToString();
        return reply.IsOk ? reply.Value : null;
    }

    /// <param name="Marks">Packed.</param>
    /// <param name="Last">The last of them.</param>
    /// <param name="Epoch">Its epoch; "" = that was all.</param>
    private sealed record MarkPage(byte[] Marks, RedisValue Last, string Epoch);
}
