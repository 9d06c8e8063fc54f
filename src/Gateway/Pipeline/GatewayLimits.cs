namespace CacheGateway.Pipeline;

/// <summary>Budgets of the request path; the defaults suit one node of ordinary size. <see cref="MaxFills"/> and <see cref="MaxWaiters"/> are settings.</summary>
internal sealed record GatewayLimits
{
    /// <summary>Fetches under way at once; beyond it requests pass on their own.</summary>
    public int MaxFills { get; init; } = 512;

    /// <summary>Requests that wait for the answer to one key at once; what comes beyond is answered 503.</summary>
    public int MaxWaiters { get; init; } = 5000;

    /// <summary>Share of the memory budget that unfinished fills may hold.</summary>
    public double InFlightShare { get; init; } = 0.25;

    /// <summary>Longest a fill without any reader goes on.</summary>
    public TimeSpan DesertedFill { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>Longest a reader may hold up a windowed fill without moving, and the other readers in sum.</summary>
    public TimeSpan SlowestReader { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>What a reader may not stay below while it holds up the others in sum, in bytes per second: half a megabit.</summary>
    public int SlowestPace { get; init; } = 64 * 1024;

    /// <summary>Wait for another's head on a key of the transparent cache that never was stored.</summary>
    public TimeSpan TransparentWait { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>A generated ETag waits for bodies up to this size.</summary>
    public long GeneratedETagWait { get; init; } = 256 * 1024;
}
