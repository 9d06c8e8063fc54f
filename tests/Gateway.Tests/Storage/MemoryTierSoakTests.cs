using CacheGateway.Model;
using CacheGateway.Storage;

namespace CacheGateway.Tests.Storage;

public sealed class MemoryTierSoakTests
{
    /// <summary>Every operation at once from four threads, the budget watched all along, and everything counted again at the end.</summary>
    [Fact]
    public async Task AllOperations_ManyThreads_KeepTheBudgetAndAddUp()
    {
        const long Budget = 2_000_000;
        var tier = new MemoryTier(Budget);
        var wrong = 0;
        await Task.WhenAll(Enumerable.Range(0, 4).Select(seed => Task.Run(() =>
        {
            var random = new Random(seed);
            for (var i = 0; i < 60_000; i++)
            {
                var key = $"key{(int)(5_000 * Math.Pow(random.NextDouble(), 3))}";
                switch (random.Next(100))
                {
                    case < 60:
                        wrong += tier.Find(key) is { } set && !set.Key.Is(key) ? 1 : 0;
                        break;
                    case < 90:
                        tier.Update(key, before => random.Next(10) == 0
                            ? null
                            : VariantSet.Of([.. (before?.Responses.ToArray() ?? []).Take(3), Sets.Response(key, random.Next(4_000))]));
                        break;
                    case < 95:
                        tier.Update(key, _ => null);
                        break;
                    default:
                        tier.Reserve(100_000);
                        wrong += tier.Bytes > Budget - 100_000 ? 1 : 0;
                        tier.Release(100_000);
                        break;
                }

                wrong += tier.Bytes > Budget ? 1 : 0;
            }
        })));
        Assert.Equal(0, wrong);
        var sets = tier.Snapshot().ToArray();
        Assert.Equal(tier.Bytes, sets.Sum(MemoryNode.SizeOf));
        Assert.Equal(tier.Count, sets.Length);
        Assert.Equal(sets.Length, sets.Select(set => set.Key.ToString()).Distinct().Count());
        Assert.All(sets, set => Assert.Same(set, tier.Find(set.Key.ToString())));
        Assert.Equal(0, tier.Reserved);
        Assert.True(tier.Evicted > 0);
    }

    /// <summary>A key that stays must be found by every reader whatever happens to its neighbours in the chain.</summary>
    [Fact]
    public async Task Find_NeighboursComeAndGo_NeverMissesAKeyThatStays()
    {
        // The smallest index: 64 buckets, so that every chain is long and busy.
        var tier = new MemoryTier(60_000) { Budget = 100_000_000 };
        var stable = Enumerable.Range(0, 50).Select(i => $"stable{i}").ToArray();
        foreach (var key in stable)
        {
            tier.Update(key, _ => Sets.Of(key));
        }

        using var stop = new CancellationTokenSource();
        var writer = Task.Run(() =>
        {
            for (var i = 0; i < 100_000; i++)
            {
                var key = $"passing{i % 300}";
                tier.Update(key, before => before is null ? Sets.Of(key) : null);
            }

            stop.Cancel();
        });
        var missed = 0;
        while (!stop.IsCancellationRequested)
        {
            missed += stable.Count(key => tier.Find(key) is null);
        }

        await writer;
        Assert.Equal(0, missed);
    }
}
