using System.Reflection;
using CacheGateway.Model;
using CacheGateway.Storage;

namespace CacheGateway.Tests.Storage;

public sealed class MemoryTierTests
{
    private const long Budget = 1_000_000;

    [Fact]
    public void Find_AfterUpdate_ReturnsTheSet()
    {
        var tier = new MemoryTier(Budget);
        var set = Sets.Of("a");
        tier.Update("a", _ => set);
        Assert.Same(set, tier.Find("a"));
        Assert.Same(set, tier.Peek("a"));
        Assert.Null(tier.Find("b"));
        Assert.Equal([set], tier.Snapshot());
        Assert.Equal(1, tier.Count);
        Assert.Equal(set.Size + MemoryNode.Overhead, tier.Bytes);
    }

    [Fact]
    public void Find_Hit_AllocatesNothing()
    {
        var tier = new MemoryTier(Budget);
        tier.Update("key", _ => Sets.Of("key"));
        tier.Find("key");
        tier.Find("other");

        Assert.Equal(0, Allocated.Least(() =>
        {
            for (var i = 0; i < 1_000; i++)
            {
                tier.Find("key");
                tier.Find("other");
            }
        }));
    }

    [Fact]
    public async Task Find_LockHeldByAnother_DoesNotWait()
    {
        var tier = new MemoryTier(Budget);
        tier.Update("a", _ => Sets.Of("a"));
        var gate = (Lock)typeof(MemoryTier).GetField("_gate", BindingFlags.Instance | BindingFlags.NonPublic)!.GetValue(tier)!;
        using var held = new ManualResetEventSlim();
        using var found = new ManualResetEventSlim();
        var holder = Task.Run(() =>
        {
            lock (gate)
            {
                held.Set();
                return found.Wait(TimeSpan.FromSeconds(30));
            }
        });
        held.Wait();
        Assert.NotNull(tier.Find("a"));
        Assert.NotNull(tier.Peek("a"));
        found.Set();
        Assert.True(await holder);
    }

    [Fact]
    public void Update_SizeChanges_AreAccountedOnce()
    {
        var tier = new MemoryTier(Budget);
        tier.Update("a", _ => Sets.Of("a", 1_000));
        var small = tier.Bytes;
        tier.Update("a", _ => Sets.Of("a", 3_000));
        Assert.Equal(small + 2_000, tier.Bytes);
        tier.Update("a", _ => Sets.Of("a", 1_000));
        Assert.Equal(small, tier.Bytes);
        Assert.Equal(1, tier.Count);
        tier.Update("a", _ => null);
        Assert.Equal(0, tier.Bytes);
        Assert.Equal(0, tier.Count);
        Assert.Null(tier.Find("a"));
        Assert.Equal(0, tier.Evicted);
    }

    [Fact]
    public void Update_SetChangedMeanwhile_RunsAgainOnTheNewSet()
    {
        var tier = new MemoryTier(Budget);
        tier.Update("a", _ => Sets.Of("a"));
        var winner = Sets.Of("a");
        var seen = new List<VariantSet?>();
        tier.Update("a", before =>
        {
            seen.Add(before);
            if (seen.Count == 1)
            {
                tier.Update("a", _ => winner);
            }

            return VariantSet.Of([.. before!.Responses, Sets.Response("a")]);
        });
        Assert.Equal(2, seen.Count);
        Assert.Same(winner, seen[1]);
        Assert.Equal(2, tier.Find("a")!.Responses.Length);
    }

    [Fact]
    public void Update_ManyThreadsOnOneKey_LosesNoChange()
    {
        var tier = new MemoryTier(Budget * 100);
        Parallel.For(0, 4, _ =>
        {
            for (var i = 0; i < 500; i++)
            {
                tier.Update("a", before => VariantSet.Of([.. before is null ? default : before.Responses, Sets.Response("a", 10)]));
            }
        });
        Assert.Equal(2_000, tier.Find("a")!.Responses.Length);
        Assert.Equal(tier.Find("a")!.Size + MemoryNode.Overhead, tier.Bytes);
    }

    [Fact]
    public void Update_SetOfAnotherKey_Throws() =>
        Assert.Throws<ArgumentException>(() => new MemoryTier(Budget).Update("a", _ => Sets.Of("b")));

    [Fact]
    public void Update_LargerThanAnEighth_IsRefusedAndDropsWhatItSupersedes()
    {
        var tier = new MemoryTier(Budget);
        tier.Update("a", _ => Sets.Of("a"));
        tier.Update("a", _ => Sets.Of("a", (Budget / 8) + 1));
        Assert.Null(tier.Find("a"));
        Assert.Equal(0, tier.Evicted);
        Assert.Equal(0, tier.Bytes);
    }

    [Fact]
    public void Update_PopularKeyRefreshedDuringAScan_Stays()
    {
        var tier = new MemoryTier(Budget);
        tier.Update("a", _ => Sets.Of("a", 1_000));
        for (var i = 0; i < 10_000; i++)
        {
            tier.Find("a");
            tier.Update("a", _ => Sets.Of("a", 1_000));
            var key = $"scan{i}";
            tier.Update(key, _ => Sets.Of(key, 1_000));
        }

        Assert.NotNull(tier.Find("a"));
        Assert.Equal(10_001 - tier.Count, tier.Evicted);
    }

    [Fact]
    public void Update_LargePopularSetAmongSmallOnes_GetsIn()
    {
        var tier = new MemoryTier(Budget);
        for (var i = 0; i < 2_000; i++)
        {
            var key = $"small{i}";
            tier.Update(key, _ => Sets.Of(key, 1_000));
        }

        for (var i = 0; i < 5 && tier.Find("large") is null; i++)
        {
            tier.Update("large", _ => Sets.Of("large", 100_000));
        }

        Assert.NotNull(tier.Find("large"));
        Assert.True(tier.Bytes <= Budget);
    }

    [Fact]
    public void Reserve_FullTier_EvictsToMakeRoom()
    {
        var tier = new MemoryTier(Budget);
        Fill(tier);
        tier.Reserve(Budget / 2);
        Assert.True(tier.Bytes <= Budget / 2);
        Assert.True(tier.Bytes > Budget / 3, "no more than needed");
        Assert.Equal(Budget / 2, tier.Reserved);
        tier.Release(Budget / 2);
        Fill(tier);
        Assert.True(tier.Bytes > Budget * 9 / 10);
        tier.Reserve(Budget * 2);
        Assert.Equal(0, tier.Bytes);
        tier.Update("a", _ => Sets.Of("a"));
        Assert.Null(tier.Peek("a"));
        Assert.Throws<ArgumentOutOfRangeException>(() => tier.Release((Budget * 2) + 1));
    }

    [Fact]
    public void Budget_Lowered_EvictsAtOnce()
    {
        var tier = new MemoryTier(Budget);
        Fill(tier);
        tier.Budget = Budget / 10;
        Assert.True(tier.Bytes <= Budget / 10);
        Assert.Equal(tier.Bytes, tier.Snapshot().Sum(MemoryNode.SizeOf));
    }

    /// <summary>
    /// Adversarial names are only names: the hash has a seed of its own in every process, so no chosen set of keys shares a bucket.
    /// </summary>
    [Fact]
    public void Find_KeysChosenToCollideWithoutSeed_AreSpread()
    {
        // All of these collide under the well-known unseeded 31-polynomial hash.
        string[] pairs = ["Aa", "BB"];
        var keys = Enumerable.Range(0, 1 << 12).Select(i => string.Concat(Enumerable.Range(0, 12).Select(bit => pairs[(i >> bit) & 1]))).ToArray();
        Assert.Single(keys.Select(key => key.Aggregate(0, (hash, c) => unchecked((hash * 31) + c))).Distinct());
        Assert.True(keys.Select(key => string.GetHashCode(key.AsSpan())).Distinct().Count() > keys.Length - 10);
        var tier = new MemoryTier(Budget * 10);
        foreach (var key in keys)
        {
            tier.Update(key, _ => Sets.Of(key));
        }

        Assert.All(keys, key => Assert.NotNull(tier.Find(key)));
    }

    private static void Fill(MemoryTier tier)
    {
        for (var i = 0; i < 2_000; i++)
        {
            var key = $"key{i}";
            tier.Update(key, _ => Sets.Of(key, 1_000));
        }
    }
}
