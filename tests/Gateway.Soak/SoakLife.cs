namespace CacheGateway.Soak;

/// <summary>One process of a gateway. Who sends a request notes to which: when it breaks, that one may be gone already.</summary>
internal sealed class SoakLife
{
    private long _endedAt = long.MaxValue;

    /// <summary>By SIGTERM: whatever it has taken until it ends it must answer.</summary>
    public bool IsToldToEnd { get; set; }

    /// <summary>When it had ended, where it was told to.</summary>
    public TimeSpan EndedAt
    {
        get => TimeSpan.FromTicks(Volatile.Read(ref _endedAt));
        set => Volatile.Write(ref _endedAt, value.Ticks);
    }

    /// <summary>Whether an answer of this process that broke is a lost one, by when it was asked for.</summary>
    public bool Owes(TimeSpan sent) => IsToldToEnd && sent < EndedAt;
}
