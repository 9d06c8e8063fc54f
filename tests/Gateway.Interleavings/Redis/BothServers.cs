using CacheGateway.Invalidation.Redis;
using CacheGateway.Storage.Redis;
using StackExchange.Redis;

namespace CacheGateway.Interleavings.Redis;

/// <summary>The imitation beside the real one, given the same history: whatever they answer differently ends the schedule.</summary>
internal sealed class BothServers(IScriptServer memory, IScriptServer real) : IScriptServer
{
    public Reply Evaluate(RedisScript script, RedisKey[] keys, RedisValue[] values, long now, Action<string> published)
    {
        var (said, heard) = ("", "");
        var expected = real.Evaluate(script, keys, values, now, message => said = message);
        var answer = memory.Evaluate(script, keys, values, now, message => heard = message);
        Same("message", Reply.Text(heard), Reply.Text(said));
        Same(script.Name, Ordered(script, answer), Ordered(script, expected));
        if (heard.Length > 0)
        {
            published(heard);
        }

        return answer;
    }

    public IReadOnlyList<string> Keys(string prefix)
    {
        var keys = memory.Keys(prefix);
        Same("keys", Reply.Of([.. keys.Select(Reply.Text)]), Reply.Of([.. real.Keys(prefix).Select(Reply.Text)]));
        return keys;
    }

    public void Delete(string key)
    {
        memory.Delete(key);
        real.Delete(key);
    }

    public void Trim(string stream)
    {
        memory.Trim(stream);
        real.Trim(stream);
    }

    public object Save() => (memory.Save(), real.Save());

    public void Restart(string run, object? saved)
    {
        var (ours, theirs) = saved is (object one, object other) ? (one, other) : ((object?)null, (object?)null);
        memory.Restart(run, ours);
        real.Restart(run, theirs);
    }

    private static void Same(string what, Reply ours, Reply theirs)
    {
        if (ours.Describe() != theirs.Describe())
        {
            throw new InvalidOperationException($"{what}: the imitation answers {ours.Describe()}, Redis {theirs.Describe()}");
        }
    }

    /// <summary>Redis promises no order for what it takes out of a hash: the nodes of a sync, four parts each.</summary>
    private static Reply Ordered(RedisScript script, Reply reply) => script == FenceScripts.Sync && reply is Reply.Many { Parts: [.. var rest, Reply.Many { Parts: var nodes }] }
        ? Reply.Of([.. rest, Reply.Of([.. nodes.Chunk(4).OrderBy(node => node[0].Describe(), StringComparer.Ordinal).SelectMany(node => node)])])
        : reply;
}
