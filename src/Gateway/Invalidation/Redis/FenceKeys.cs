using StackExchange.Redis;

namespace CacheGateway.Invalidation.Redis;

/// <summary>
/// Where the fence of a deployment lives. One hash tag, so that on a Cluster one master holds the group and scripts may touch all of it:
/// <code>
/// DEPLOYMENT:{fence}:state    hash    incarnation, floor, run_id, newest, seen, cursor, cursor:RULES, first, waited
/// DEPLOYMENT:{fence}:marks    zset    mark -> epoch; "" -> 0 is the sentinel
/// DEPLOYMENT:{fence}:stream   stream  one entry for each epoch, its id is EPOCH-0
/// DEPLOYMENT:{fence}:nodes    hash    instance -> "SEEN INCARNATION APPLIED wWINDOW NAME"; "" -> run_id is the sentinel; "forgotten"
/// DEPLOYMENT:{fence}:audit    stream  who asked for what, and why
/// DEPLOYMENT:{fence}:popular  string  what is asked for most, for the next start
/// DEPLOYMENT:{fence}:done     zset    webhooks and events that were dealt with -> epoch; the newest of them
/// DEPLOYMENT:{fence}:wake     channel "INCARNATION EPOCH": look into the stream
/// </code>
/// </summary>
internal sealed class FenceKeys
{
    public FenceKeys(string deployment)
    {
        Deployment = deployment;
        var group = $"{deployment}:{{fence}}:";
        Group = [group + "state", group + "marks", group + "stream", group + "nodes"];
        Audit = group + "audit";
        Done = group + "done";
        Wake = new RedisChannel(group + "wake", RedisChannel.PatternMode.Literal);
    }

    public string Deployment { get; }

    /// <summary>State, marks, stream, nodes: in the order the scripts take them.</summary>
    public RedisKey[] Group { get; }

    public RedisKey State => Group[0];

    public RedisKey Marks => Group[1];

    public RedisKey Audit { get; }

    public RedisChannel Wake { get; }

    public RedisKey Done { get; }
}
