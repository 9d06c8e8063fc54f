namespace CacheGateway.Soak;

/// <summary>One path of the origin, and what readers of it may still be given.</summary>
internal sealed class Resource(string kind, int number, int length)
{
    private readonly Lock _lock = new();
    private readonly List<(TimeSpan At, long Version)> _everywhere = [];
    private readonly Dictionary<int, List<(TimeSpan At, long Version)>> _local = [];
    private long _version = 1;

    public string Path { get; } = $"/{kind}/{number}";

    public string Tag { get; } = $"{kind}:{number}";

    public string Kind => kind;

    public int Length => length;

    public long Version => Volatile.Read(ref _version);

    /// <summary>The data changed; the new version.</summary>
    public long Change() => Interlocked.Increment(ref _version);

    /// <summary>An invalidation was acknowledged for all gateways: from now on nobody may be given less.</summary>
    public void Acknowledge(long version) => Add(_everywhere, version);

    /// <summary>A write through one gateway was answered: from now on that one may give nothing less.</summary>
    public void AcknowledgeAt(int gateway, long version)
    {
        lock (_lock)
        {
            if (!_local.TryGetValue(gateway, out var acks))
            {
                _local[gateway] = acks = [];
            }

            Add(acks, version);
        }
    }

    /// <summary>A gateway died; what only it knew is gone with it.</summary>
    public void Forget(int gateway)
    {
        lock (_lock)
        {
            _local.Remove(gateway);
        }
    }

    /// <summary>The least version that a request sent then to that gateway may be answered with.</summary>
    public long Least(TimeSpan sent, int gateway)
    {
        lock (_lock)
        {
            return Math.Max(Least(_everywhere, sent), _local.TryGetValue(gateway, out var acks) ? Least(acks, sent) : 0);
        }
    }

    private static long Least(List<(TimeSpan At, long Version)> acks, TimeSpan sent)
    {
        for (var i = acks.Count - 1; i >= 0; i--)
        {
            if (acks[i].At <= sent)
            {
                return acks[i].Version;
            }
        }

        return 0;
    }

    /// <summary>The time is taken under the lock, and the version is the highest so far: both only rise along the list.</summary>
    private void Add(List<(TimeSpan At, long Version)> acks, long version)
    {
        lock (_lock)
        {
            acks.Add((Clock.Now, Math.Max(version, acks.Count == 0 ? 0 : acks[^1].Version)));
            if (acks.Count > 1000)
            {
                acks.RemoveRange(0, 500);
            }
        }
    }
}
