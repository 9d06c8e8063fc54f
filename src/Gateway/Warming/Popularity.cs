using CacheGateway.Diagnostics.Traffic;
using CacheGateway.Policies;
using CacheGateway.Storage;

namespace CacheGateway.Warming;

/// <summary>
/// Which stored responses are asked for most: learned from the sample of <see cref="TrafficRecorder"/>, and remembered over a restart. Only what
/// everybody shares: an entry of one user's is never recorded.
/// </summary>
internal sealed class Popularity(TrafficRecorder traffic, MemoryTier memory, WarmTargetReader reader, IPolicySource policies, TimeProvider time, IPopularityStore? store = null)
{
    /// <summary>Keys that are recorded.</summary>
    public const int Most = 512;

    /// <summary>Asked for once is not popular.</summary>
    private const int LeastWeight = 2;

    /// <summary>A young process knows little: so long it keeps what the former one knew.</summary>
    private static readonly TimeSpan Youth = TimeSpan.FromHours(1);

    private volatile IReadOnlyList<WarmTarget> _recorded = [];
    private volatile bool _isLoaded;

    /// <summary>Whether anything outlives the process.</summary>
    public bool IsRecorded => store is not null;

    /// <summary>What is popular now, then what was before the last start.</summary>
    public IReadOnlyList<WarmTarget> Targets() => [.. WarmPlanner.Distinct(Now().Concat(_recorded)).Take(Most)];

    /// <summary>Reads what the former process recorded; only what this one would take from anybody.</summary>
    public async Task LoadAsync()
    {
        if (store is null || _isLoaded)
        {
            return;
        }

        var bytes = await store.ReadAsync();
        _isLoaded = true;
        _recorded =
        [
            .. PopularKey.Read(bytes ?? [])
                .Where(key => WarmTargetReader.HeaderProblem(key.Headers) is null && key.Headers.Keys.All(name => StoredTarget.IsNobodys(name, policies.Current.Policies)))
                .Select(key => reader.Read($"{key.Scheme}://{key.Authority}{key.Target}", key.Headers, out _))
                .OfType<WarmTarget>()
                .Take(Most),
        ];
    }

    /// <summary>Never over what could not be read: that is tried again first.</summary>
    public async Task SaveAsync()
    {
        await LoadAsync();
        if (time.GetUtcNow() - traffic.StartedAt > Youth)
        {
            _recorded = [];
        }

        if (store is not null && Targets() is { Count: > 0 } targets)
        {
            await store.WriteAsync(PopularKey.Write([.. targets.Select(PopularKey.Of)]));
        }
    }

    private IEnumerable<WarmTarget> Now() =>
        traffic.ByRequests.Top(Most)
            .Where(hitter => hitter.Weight - hitter.Error >= LeastWeight)
            .SelectMany(hitter => memory.Peek(hitter.Key.Text)?.Responses.ToArray() ?? [])
            .Select(response => StoredTarget.Of(response, policies.Current.Policies))
            .OfType<WarmTarget>();
}
