using CacheGateway.Storage;

namespace CacheGateway.Tests.Storage;

[Collection(nameof(MeasuresTheHeap))]
public sealed class MemoryTierHeapTests(ITestOutputHelper output)
{
    /// <summary>What the tier itself adds to an entry is within what it accounts for.</summary>
    [Fact]
    public void Update_ManySmallSets_CostNoMoreThanAccounted()
    {
        const int Entries = 100_000;
        var sets = Enumerable.Range(0, Entries).Select(i => Sets.Of($"key{i}", 600)).ToArray();
        var before = GC.GetTotalMemory(forceFullCollection: true);
        var tier = new MemoryTier((sets.Sum(MemoryNode.SizeOf) * 101 / 100) + 1);
        foreach (var set in sets)
        {
            tier.Update(set.Key, _ => set);
        }

        var each = (GC.GetTotalMemory(forceFullCollection: true) - before) / (double)tier.Count;
        output.WriteLine($"{tier.Count} entries, {each:F1} bytes each beside the sets, {MemoryNode.Overhead} accounted");
        Assert.Equal(Entries, tier.Count);
        Assert.True(each <= MemoryNode.Overhead, $"{each}");
        GC.KeepAlive(sets);
    }
}
