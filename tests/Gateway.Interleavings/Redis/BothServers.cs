using CacheGateway.Storage.Redis;
using StackExchange.Redis;

namespace CacheGateway.Interleavings.Redis;

/// <summary>The imitation beside the real one, given the same history: whatever they answer differently ends the schedule.</summary>
internal sealed class BothServers(IScriptServer memory, IScriptServer real) : IScriptServer
{
    public Reply Evaluate(RedisScript script, RedisKey[] keys, RedisValue[] values, long now, Action<string> published)
    {
        var said = "";
        var expected = real.Evaluate(script, keys, values, now, message => said = message);
        return Same(script.Name, memory.Evaluate(script, keys, values, now, message =>
        {
            Same("message", Reply.Text(message), Reply.Text(said));
            published(message);
        }), expected);
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

    private static Reply Same(string what, Reply ours, Reply theirs) => Plain(ours) == Plain(theirs)
        ? ours
        : throw new InvalidOperationException($"{what}: the imitation answers {ours.Describe()}, Redis {theirs.Describe()}");

    /// <summary>Redis promises no order for what it takes out of hashes and sets.</summary>
    private static string Plain(Reply reply) => reply is Reply.Many { Parts: var parts }
        ? $"[{string.Join(", ", parts.Select(Plain).Order(StringComparer.Ordinal))}]"
        : reply.Describe();
}
