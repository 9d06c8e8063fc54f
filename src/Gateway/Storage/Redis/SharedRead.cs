namespace CacheGateway.Storage.Redis;

/// <summary>A read of one key that others may come to want while it is under way. Most find nobody who does: what they would wait for is made for the first.</summary>
internal sealed class SharedRead
{
    private readonly Lock _gate = new();
    private RedisEntry? _found;
    private TaskCompletionSource<RedisEntry>? _waiting;

    /// <summary>What the read gives; whoever waits goes on in the thread pool.</summary>
    public Task<RedisEntry> WaitAsync()
    {
        lock (_gate)
        {
            return _found is { } found
                ? Task.FromResult(found)
                : (_waiting ??= new(TaskCreationOptions.RunContinuationsAsynchronously)).Task;
        }
    }

    public void End(RedisEntry found)
    {
        TaskCompletionSource<RedisEntry>? waiting;
        lock (_gate)
        {
            _found = found;
            waiting = _waiting;
        }

        waiting?.SetResult(found);
    }
}
