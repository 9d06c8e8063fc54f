namespace CacheGateway.Invalidation;

/// <summary>Names of what was done already, kept for a day; beyond the bound the oldest are forgotten, which costs a second invalidation.</summary>
internal sealed class OnceMemory(TimeProvider time, int bound = 100_000)
{
    private static readonly TimeSpan Kept = TimeSpan.FromDays(1);

    private readonly Lock _gate = new();
    private readonly HashSet<string> _names = new(StringComparer.Ordinal);
    private readonly Queue<(string Name, long Since)> _oldest = new();

    public bool Knows(string name)
    {
        lock (_gate)
        {
            Forget();
            return _names.Contains(name);
        }
    }

    /// <summary>False when the name is known.</summary>
    public bool TryAdd(string name)
    {
        lock (_gate)
        {
            Forget();
            if (!_names.Add(name))
            {
                return false;
            }

            _oldest.Enqueue((name, time.GetTimestamp()));
            return true;
        }
    }

    private void Forget()
    {
        while (_oldest.TryPeek(out var oldest) && (_oldest.Count >= bound || time.GetElapsedTime(oldest.Since) > Kept))
        {
            _names.Remove(oldest.Name);
            _oldest.Dequeue();
        }
    }
}
