using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Http.Json;

namespace CacheGateway.FunctionalTests.Processes;

/// <summary>
/// Changes data, invalidates it with <c>wait=all</c> at a fixed rate, and reads it through every gateway all the time. A read is stale when it
/// was sent after an invalidation was acknowledged and brings what was there before the change. What was not acknowledged (202) counts for nothing, unless all
/// gateways of the test have applied it and only whoever Redis may have forgotten is missing.
/// </summary>
internal sealed class StaleReads : IDisposable
{
    private const int Writers = 32;
    private const int ReadersOfEach = 3;

    private readonly ChangingBackend _backend;
    private readonly IReadOnlyList<GatewayProcess> _gateways;
    private readonly int _perSecond;
    private readonly int[] _acknowledged;
    private readonly ConcurrentDictionary<GatewayProcess, bool> _suspended = new();
    private readonly ConcurrentDictionary<GatewayProcess, int> _blind = new();
    private readonly ConcurrentQueue<string> _stale = new();
    private readonly ConcurrentQueue<double> _waits = new();
    private readonly ConcurrentQueue<string> _failures = new();
    private readonly HttpClient _client = new(new SocketsHttpHandler { UseProxy = false, UseCookies = false }) { Timeout = TimeSpan.FromSeconds(60) };
    private long _reads;
    private long _hits;
    private long _missing;
    private long _ticks;

    public StaleReads(ChangingBackend backend, IReadOnlyList<GatewayProcess> gateways, int perSecond = 200)
    {
        _backend = backend;
        _gateways = gateways;
        _perSecond = perSecond;
        _acknowledged = new int[backend.Keys];
    }

    public IReadOnlyCollection<string> Stale => _stale;

    /// <summary>Reads and invalidations that ended in no answer, or in one that was neither data nor a receipt.</summary>
    public IReadOnlyCollection<string> Failures => _failures;

    public long Reads => Interlocked.Read(ref _reads);

    public long Hits => Interlocked.Read(ref _hits);

    public int Acknowledged => _waits.Count;

    /// <summary>Answered 202: some node had not applied it in time, or Redis was away.</summary>
    public long Missing => Interlocked.Read(ref _missing);

    /// <summary>Reads that a gateway had validated because it could not know what was invalidated.</summary>
    public int BlindAt(GatewayProcess gateway) => _blind.GetValueOrDefault(gateway);

    /// <summary>Nobody is asked to invalidate there until it is <see cref="Resumed"/>; reads go on, and wait.</summary>
    public void Suspend(GatewayProcess gateway) => _suspended[gateway] = true;

    public void Resumed(GatewayProcess gateway) => _suspended.TryRemove(gateway, out _);

    /// <summary>Reads and writes for so long, while <paramref name="fault"/> does what it does, over and over.</summary>
    public async Task RunAsync(TimeSpan time, Func<Task>? fault = null)
    {
        using var ending = new CancellationTokenSource(time);
        var started = Stopwatch.GetTimestamp();
        Task[] work =
        [
            .. Enumerable.Range(0, Writers).Select(_ => Task.Run(() => WriteAsync(started, ending.Token))),
            .. _gateways.SelectMany(gateway => Enumerable.Range(0, ReadersOfEach).Select(_ => Task.Run(() => ReadAsync(gateway, ending.Token)))),
        ];
        while (fault is not null && !ending.IsCancellationRequested)
        {
            await fault();
        }

        await Task.WhenAll(work);
    }

    /// <summary>Reads every key once, all at the same time, on one gateway: sent before this returns, answered when it likes.</summary>
    public Task ReadAllAsync(GatewayProcess gateway) => Task.WhenAll(Enumerable.Range(0, _backend.Keys).Select(key => ReadAsync(gateway, key)));

    public override string ToString()
    {
        var waits = _waits.Order().ToArray();
        double At(double share) => waits.Length == 0 ? 0 : waits[(int)Math.Min(waits.Length - 1, share * waits.Length)];
        return string.Create(
            CultureInfo.InvariantCulture,
            $"{_stale.Count} stale of {Reads} reads ({Hits} hits); {Acknowledged} invalidations acknowledged (p50 {At(0.5):0.0} ms, p99 {At(0.99):0.0} ms), {Missing} not; {_failures.Count} failures; {_backend.Requests} requests at the backend");
    }

    public void Dispose() => _client.Dispose();

    private async Task WriteAsync(long started, CancellationToken ending)
    {
        while (!ending.IsCancellationRequested)
        {
            var due = TimeSpan.FromSeconds((double)Interlocked.Increment(ref _ticks) / _perSecond) - Stopwatch.GetElapsedTime(started);
            if (due > TimeSpan.Zero)
            {
                await Task.Delay(due, CancellationToken.None);
            }

            var there = _gateways.Where(gateway => !_suspended.ContainsKey(gateway)).ToArray();
            var gateway = there[Random.Shared.Next(there.Length)];
            var key = Random.Shared.Next(_backend.Keys);
            var version = _backend.Change(key);
            var sent = Stopwatch.GetTimestamp();
            try
            {
                using var answer = await _client.PostAsJsonAsync(
                    new Uri(gateway.AdminAddress, "/api/v2/cache/invalidate"), new { tags = (string[])[$"k{key}"], wait = "all", timeoutMs = 1000 }, CancellationToken.None);
                if (await Receipt.IsAppliedByAsync(answer, _gateways.Count))
                {
                    Raise(ref _acknowledged[key], version);
                    _waits.Enqueue(Stopwatch.GetElapsedTime(sent).TotalMilliseconds);
                }
                else if (answer.StatusCode == HttpStatusCode.Accepted)
                {
                    Interlocked.Increment(ref _missing);
                }
                else
                {
                    _failures.Enqueue($"invalidate at {gateway.Name}: {(int)answer.StatusCode}");
                }
            }
            catch (Exception failure) when (failure is HttpRequestException or TaskCanceledException)
            {
                _failures.Enqueue($"invalidate at {gateway.Name}: {failure.Message}");
            }
        }
    }

    private async Task ReadAsync(GatewayProcess gateway, CancellationToken ending)
    {
        while (!ending.IsCancellationRequested)
        {
            await ReadAsync(gateway, Random.Shared.Next(_backend.Keys));
        }
    }

    private async Task ReadAsync(GatewayProcess gateway, int key)
    {
        var least = Volatile.Read(ref _acknowledged[key]);
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(gateway.Address, $"/k/{key}"));
        request.Headers.Host = "shared.test";
        try
        {
            using var answer = await _client.SendAsync(request);
            var text = await answer.Content.ReadAsStringAsync();
            Interlocked.Increment(ref _reads);
            var status = string.Join(", ", answer.Headers.TryGetValues("Cache-Status", out var values) ? values : []);
            if (status.Contains("; hit", StringComparison.Ordinal))
            {
                Interlocked.Increment(ref _hits);
            }

            if (status.Contains("detail=blind", StringComparison.Ordinal))
            {
                _blind.AddOrUpdate(gateway, 1, (_, count) => count + 1);
            }

            if (answer.StatusCode != HttpStatusCode.OK || !int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var version))
            {
                _failures.Enqueue($"read at {gateway.Name}: {(int)answer.StatusCode} {status}");
            }
            else if (version < least)
            {
                _stale.Enqueue($"/k/{key} at {gateway.Name}: {version}, and {least} was acknowledged before; {status}");
            }
        }
        catch (Exception failure) when (failure is HttpRequestException or TaskCanceledException)
        {
            _failures.Enqueue($"read at {gateway.Name}: {failure.Message}");
        }
    }

    private static void Raise(ref int place, int value)
    {
        int seen;
        while ((seen = Volatile.Read(ref place)) < value && Interlocked.CompareExchange(ref place, value, seen) != seen)
        {
        }
    }
}
