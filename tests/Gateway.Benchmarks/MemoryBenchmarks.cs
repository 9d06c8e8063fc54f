using BenchmarkDotNet.Attributes;
using CacheGateway.Model;
using CacheGateway.Storage;

namespace Gateway.Benchmarks;

/// <summary>One lookup after the other over all entries, in an order without a pattern.</summary>
[MemoryDiagnoser]
public class MemoryBenchmarks
{
    private static readonly object Generation = new();

    private readonly Shortcut _shortcut = new(Generation, Samples.Policy);
    private MemoryTier _tier = null!;
    private string[] _keys = [];
    private string[] _targets = [];
    private int _next;

    [Params(1000, 1_000_000)]
    public int Entries { get; set; }

    [GlobalSetup]
    public void Fill()
    {
        _tier = new MemoryTier(2L << 30);
        _targets = [.. Enumerable.Range(0, Entries).Select(i => $"/api/products/{i}")];
        Random.Shared.Shuffle(_targets);
        _keys = [.. _targets.Select(target => Samples.Key(target).Text)];
        for (var i = 0; i < Entries; i++)
        {
            var set = Samples.Response(_targets[i]);
            _tier.Update(_keys[i], _ => set);
            _tier.Shorten(_keys[i], _shortcut);
        }

        // Asked for in another order than that in which the entries lie in memory.
        Random.Shared.Shuffle(_keys);
        Random.Shared.Shuffle(_targets);
        // As a server does: the text that is asked for is not the one that was stored.
        _keys = [.. _keys.Select(key => new string(key.AsSpan()))];
        _targets = [.. _targets.Select(target => new string(target.AsSpan()))];
    }

    [Benchmark]
    public object? ByKey() => _tier.Find(_keys[Next()]);

    [Benchmark]
    public object? ByUrl() => _tier.FindByUrl("http", "api.example.org", _targets[Next()], Generation, out _);

    private int Next() => _next = _next + 1 == Entries ? 0 : _next + 1;
}
