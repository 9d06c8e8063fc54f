using CacheGateway.Diagnostics;

namespace CacheGateway.Storage;

/// <summary>
/// Lowers the budget of the memory tier when the process nears the memory it may have, and raises it again when there is room: what is worth
/// least goes first, by the tier's own order. Better a smaller cache than a killed process.
/// </summary>
internal sealed class MemoryPressure : IDisposable
{
    /// <summary>Share of the limit at which memory is given back.</summary>
    internal const double High = 0.9;

    /// <summary>Share of the limit below which the budget grows again.</summary>
    internal const double Low = 0.8;

    /// <summary>The budget never falls below this part of what was configured.</summary>
    private const int LeastPart = 16;

    private static readonly TimeSpan Every = TimeSpan.FromSeconds(1);

    /// <summary>How often a collection is asked for while the budget cannot fall any more.</summary>
    private static readonly TimeSpan CollectEvery = TimeSpan.FromSeconds(10);

    private readonly MemoryTier _memory;
    private readonly ProcessMemory _process;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly ITimer _timer;
    private long _collectedAt;
    private long _pruned;

    public MemoryPressure(MemoryTier memory, ProcessMemory process, GatewayMetrics metrics, TimeProvider time, ILogger<MemoryPressure> logger)
    {
        _memory = memory;
        _process = process;
        _time = time;
        _logger = logger;
        Configured = memory.Budget;
        metrics.Gauges("cachegateway.memory.process_share", null, "Part of the memory this process may have that it uses.", () => [new(Share)]);
        metrics.Counts("cachegateway.memory.pruned.bytes", "By", "Bytes of stored responses given back because the process was near its memory limit.", () => [new(Volatile.Read(ref _pruned))]);
        _timer = time.CreateTimer(_ => Look(), null, Every, Every);
    }

    /// <summary>The budget as it was set.</summary>
    public long Configured { get; }

    public bool IsUnderPressure => _memory.Budget < Configured;

    private double Share => _process.Read() is var (used, limit) && limit > 0 ? used / (double)limit : 0;

    public void Dispose() => _timer.Dispose();

    /// <summary>
    /// The budget after a look: three quarters of what is held now while the process is near its limit, an eighth of the configured one more
    /// while there is room again, else as it is.
    /// </summary>
    internal static long Next(long configured, long budget, long held, double share) =>
        share >= High ? Math.Max(configured / LeastPart, Math.Min(budget, held * 3 / 4))
        : share < Low ? Math.Min(configured, budget + (configured / 8))
        : budget;

    private void Look()
    {
        var budget = _memory.Budget;
        var before = _memory.Bytes;
        var share = Share;
        var next = Next(Configured, budget, before + _memory.Reserved, share);
        if (next != budget)
        {
            _memory.Budget = next;
        }

        if (next < budget)
        {
            var freed = Math.Max(0, before - _memory.Bytes);
            Interlocked.Add(ref _pruned, freed);
            _logger.MemoryGivenBack(freed, next, share);
        }

        // What was dropped counts as used until it is collected, and a process that has little to do may not collect for long.
        if (next < budget || (share >= High && _time.GetElapsedTime(_collectedAt) >= CollectEvery))
        {
            _collectedAt = _time.GetTimestamp();
            _process.Collect(next < budget ? GCCollectionMode.Optimized : GCCollectionMode.Forced);
        }
    }
}

/// <summary>What the process uses of the memory it may have, in bytes: the container's limit, or the machine's memory.</summary>
/// <param name="Read">Used and limit.</param>
internal sealed record ProcessMemory(Func<(long Used, long Limit)> Read)
{
    /// <summary>Asks for a collection, and does not wait for it.</summary>
    public Action<GCCollectionMode> Collect { get; init; } = static mode => GC.Collect(GC.MaxGeneration, mode, blocking: false);

    public static readonly ProcessMemory Real = new(() => (Environment.WorkingSet, GC.GetGCMemoryInfo().TotalAvailableMemoryBytes));
}
