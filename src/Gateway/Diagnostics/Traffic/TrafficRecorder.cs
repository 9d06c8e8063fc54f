using System.Runtime.CompilerServices;
using CacheGateway.Model;
using Microsoft.Extensions.Logging.Abstractions;

namespace CacheGateway.Diagnostics.Traffic;

/// <summary>
/// Counts every request once, at the end of its answer: no lock, no allocation and no log line for a hit. All that is shown of traffic (API, dashboard,
/// alerts, metrics) is read from here. Made once per gateway.
/// <para>
/// Which keys are hot is learned from a sample: every request while there are few, one in up to 64 when there are many; a sample weighs as much as
/// the requests it stands for.
/// </para>
/// </summary>
internal sealed class TrafficRecorder : IDisposable
{
    /// <summary>Requests that no policy took.</summary>
    public const string NoPolicy = "none";

    /// <summary>Policies followed by name; those beyond are counted together.</summary>
    private const int MaxPolicies = 512;

    /// <summary>No policy can be called so.</summary>
    private const string OtherPolicies = "(other)";

    /// <summary>Keys followed for each of requests, misses and bytes.</summary>
    private const int Keys = 512;
    private const int KeyBuckets = 64;
    private const int SamplesPerSlot = 5000;
    private const int MostPerSample = 64;
    private const int SlotsPerHalving = 120;

    /// <summary>After each of these one request in twice as many is looked at, once a slot has had <see cref="SamplesPerSlot"/>.</summary>
    private const int SamplesPerThinning = 512;

    private readonly Lock _gate = new();
    private readonly Lock _closing = new();
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly double _ticksPerMicrosecond;
    private readonly ITimer _timer;
    private readonly Dictionary<string, PolicyTraffic> _byName = new(StringComparer.Ordinal);
    private readonly Seen?[] _seen = new Seen?[256];
    private readonly long[] _hitsByBucket = new long[KeyBuckets];
    private readonly long[] _missesByBucket = new long[KeyBuckets];
    private volatile PolicyTraffic[] _all = [];
    private long _before;
    private uint _perSample = 1;
    private int _samples;
    private long _slots;

    [ThreadStatic]
    private static uint _random;

    public TrafficRecorder(TimeProvider time, ILogger<TrafficRecorder>? logger = null)
    {
        ArgumentNullException.ThrowIfNull(time);
        _time = time;
        _logger = logger ?? NullLogger<TrafficRecorder>.Instance;
        _ticksPerMicrosecond = time.TimestampFrequency / 1e6;
        StartedAt = time.GetUtcNow();
        _timer = time.CreateTimer(_ => CloseSlot(), null, TrafficHistory.ShortSlot, TrafficHistory.ShortSlot);
    }

    /// <summary>Raised after each slot of time; handlers must be quick.</summary>
    public event Action? SlotClosed;

    public DateTimeOffset StartedAt { get; }

    /// <summary>Every policy that saw a request, in the order they came.</summary>
    public IReadOnlyList<PolicyTraffic> Policies => _all;

    /// <summary>All policies together, since the start.</summary>
    public TrafficCounts Total => TrafficCounts.Sum(_all.Select(policy => policy.Total));

    public HeavyHitters ByRequests { get; } = new(Keys);

    public HeavyHitters ByMisses { get; } = new(Keys);

    public HeavyHitters ByBytes { get; } = new(Keys);

    /// <summary>Hits and other requests by a hash of their key, since the start: an even field is a good spread, a bright spot a hot key.</summary>
    public IReadOnlyList<(long Hits, long Misses)> KeyHeat =>
        [.. _hitsByBucket.Zip(_missesByBucket)];

    /// <summary>What <see cref="Record"/> measures from.</summary>
    public long Timestamp() => _time.GetTimestamp();

    /// <summary>
    /// One answered request. <paramref name="stored"/> is the response it came from; <paramref name="startedAt"/> a <see cref="Timestamp"/>;
    /// <paramref name="key"/> is needed where nothing stored tells it.
    /// </summary>
    public void Record(CachePolicy? policy, ServedFrom from, Reason reason, long bytes, long startedAt, StoredResponse? stored = null, CacheKey? key = null)
    {
        var elapsed = (long)((_time.GetTimestamp() - startedAt) / _ticksPerMicrosecond);
        var counts = Of(policy);
        counts.Count(from, reason, bytes, elapsed);
        if (GatewayActivity.Source.HasListeners())
        {
            GatewayActivity.Tell(counts.Name, TrafficInstruments.Outcome(from), TrafficInstruments.Level(from), reason.Text());
        }

        var perSample = Volatile.Read(ref _perSample);
        if ((stored is not null || key is not null) && (perSample == 1 || IsSampled(perSample)))
        {
            Sample(key, stored, from, bytes, perSample);
        }
    }

    /// <summary>The numbers of a policy, for what is counted off the path of a hit.</summary>
    public PolicyTraffic Of(CachePolicy? policy)
    {
        if (policy is null)
        {
            return Find(NoPolicy);
        }

        var seen = _seen[RuntimeHelpers.GetHashCode(policy) & 255];
        return seen is not null && ReferenceEquals(seen.Policy, policy) ? seen.Traffic : Remember(policy);
    }

    /// <summary>All policies together over a stretch of time; see <see cref="TrafficHistory.Window"/>.</summary>
    public TrafficCounts Window(TimeSpan length, TimeSpan ago = default) => TrafficCounts.Sum(_all.Select(policy => policy.History.Window(length, ago)));

    public void Dispose() => _timer.Dispose();

    private static bool IsSampled(uint perSample)
    {
        var random = _random;
        if (random == 0)
        {
            random = (uint)Environment.CurrentManagedThreadId * 2654435769u;
        }

        // xorshift32 (Marsaglia 2003).
        random ^= random << 13;
        random ^= random >> 17;
        random ^= random << 5;
        _random = random;
        return (random & (perSample - 1)) == 0;
    }

    private void Sample(CacheKey? key, StoredResponse? stored, ServedFrom from, long bytes, uint weight)
    {
        const int Usual = 512;
        var length = stored?.Key.Length ?? 0;
        var buffer = length <= Usual ? stackalloc char[Usual] : new char[length];
        var text = key is not null ? key.Text : stored!.Key.Write(buffer);
        var hit = (Key: key, Stored: stored);
        var isHit = from is ServedFrom.Client or ServedFrom.Memory or ServedFrom.Redis or ServedFrom.Collapsed;
        var bucket = (uint)string.GetHashCode(text) % KeyBuckets;
        Interlocked.Add(ref (isHit ? _hitsByBucket : _missesByBucket)[bucket], weight);
        ByRequests.Add(text, hit, KeyOf, weight);
        if (!isHit)
        {
            ByMisses.Add(text, hit, KeyOf, weight);
        }

        if (bytes > 0)
        {
            ByBytes.Add(text, hit, KeyOf, bytes * weight);
        }

        stored?.CountHits(weight, Instant.MonotonicNow(_time));
        var samples = Interlocked.Increment(ref _samples);
        if (samples > SamplesPerSlot && samples % SamplesPerThinning == 0 && weight < MostPerSample)
        {
            Interlocked.CompareExchange(ref _perSample, weight * 2, weight);
        }

        static CacheKey KeyOf((CacheKey? Key, StoredResponse? Stored) hit) => hit.Key ?? hit.Stored!.Key.ToKey();
    }

    /// <summary>As <see cref="Of(CachePolicy?)"/>, where only the name is at hand.</summary>
    public PolicyTraffic Of(string policy) => Find(policy);

    private PolicyTraffic Remember(CachePolicy policy)
    {
        var traffic = Find(policy.Name);
        _seen[RuntimeHelpers.GetHashCode(policy) & 255] = new Seen(policy, traffic);
        return traffic;
    }

    private PolicyTraffic Find(string name)
    {
        lock (_gate)
        {
            if (!_byName.TryGetValue(name, out var traffic))
            {
                if (_byName.Count >= MaxPolicies && name != OtherPolicies)
                {
                    return Find(OtherPolicies);
                }

                traffic = new PolicyTraffic(name);
                _byName.Add(name, traffic);
                _all = [.. _all, traffic];
            }

            return traffic;
        }
    }

    /// <summary>One slot at a time: a timer does not wait for a slot that takes longer than its period to close.</summary>
    private void CloseSlot()
    {
        lock (_closing)
        {
            TakeSlot();
            foreach (var handler in (SlotClosed?.GetInvocationList() ?? []).Cast<Action>())
            {
                try
                {
                    handler();
                }
                catch (Exception exception)
                {
                    // It is watched on a timer: what went wrong in a figure for people must not end the process that serves.
                    _logger.SlotUnseen(exception);
                }
            }
        }
    }

    private void TakeSlot()
    {
        long requests = 0;
        foreach (var policy in _all)
        {
            var total = policy.Total;
            requests += total.Requests;
            policy.History.Close(total, _slots);
        }

        var perSample = System.Numerics.BitOperations.RoundUpToPowerOf2((uint)Math.Clamp((requests - _before) / SamplesPerSlot, 1, MostPerSample));
        _before = requests;
        Volatile.Write(ref _samples, 0);
        Volatile.Write(ref _perSample, perSample);
        if (++_slots % SlotsPerHalving == 0)
        {
            ByRequests.Halve();
            ByMisses.Halve();
            ByBytes.Halve();
        }
    }

    private sealed record Seen(CachePolicy Policy, PolicyTraffic Traffic);
}
