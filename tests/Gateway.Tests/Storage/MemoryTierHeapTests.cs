using CacheGateway.Http;
using CacheGateway.Model;
using CacheGateway.Storage;
using CacheGateway.Tests.Http;

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
            tier.Update(set.Key.ToString(), _ => set);
        }

        var each = (GC.GetTotalMemory(forceFullCollection: true) - before) / (double)tier.Count;
        output.WriteLine($"{tier.Count} entries, {each:F1} bytes each beside the sets, {MemoryNode.Overhead} accounted");
        Assert.Equal(Entries, tier.Count);
        Assert.True(each <= MemoryNode.Overhead, $"{each}");
        GC.KeepAlive(sets);
    }

    /// <summary>Small responses as a fill stores them, with texts of their own as they come from the wire: what is accounted for them is what they cost.</summary>
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Update_ManySmallResponses_CostWhatIsAccounted(bool ownValidators)
    {
        const int Entries = 100_000;
        var tier = new MemoryTier(Entries * 1024L);
        // What they share is there before.
        tier.Update(KeyOf("/0").Text, _ => Stored("/0", ownValidators));
        var before = GC.GetTotalMemory(forceFullCollection: true);
        for (var i = 100_000; i < 100_000 + Entries; i++)
        {
            var target = $"/api/products/{i}";
            tier.Update(KeyOf(target).Text, _ => Stored(target, ownValidators));
        }

        var each = (GC.GetTotalMemory(forceFullCollection: true) - before) / (double)tier.Count;
        var accounted = tier.Bytes / (double)tier.Count;
        output.WriteLine($"{tier.Count} entries of 200 B, {each:F1} bytes each, {accounted:F1} accounted");
        Assert.Equal(Entries + 1, tier.Count);
        Assert.InRange(accounted, each, each * 1.15);
        Assert.InRange(each, 0, ownValidators ? 850 : 700);
    }

    /// <summary>A client chooses the host: what it makes of it counts as well.</summary>
    [Fact]
    public void Update_ManyHosts_CostWhatIsAccounted()
    {
        const int Entries = 50_000;
        var tier = new MemoryTier(Entries * 1500L);
        tier.Update(KeyOf("/0").Text, _ => Stored("/0", ownValidators: false));
        var before = GC.GetTotalMemory(forceFullCollection: true);
        for (var i = 100_000; i < 100_000 + Entries; i++)
        {
            var host = $"host-{i}.shop.example";
            tier.Update(KeyOf("/0", host).Text, _ => Stored("/0", ownValidators: false, host));
        }

        var each = (GC.GetTotalMemory(forceFullCollection: true) - before) / (double)tier.Count;
        var accounted = tier.Bytes / (double)tier.Count;
        output.WriteLine($"{tier.Count} entries of 200 B, {each:F1} bytes each, {accounted:F1} accounted");
        Assert.Equal(Entries + 1, tier.Count);
        Assert.InRange(accounted, each, each * 1.15);
    }

    private static CacheKey KeyOf(string target, string host = "127.0.0.1:9120")
    {
        var before = $"v1|7:default|21:transparent@1.0#abcdef|8:catchall|4:http|{host.Length}:{host}|{target.Length}:";
        return new CacheKey($"{before}{target}|0:", new ResourceId("http", host, target, "transparent", false), before.Length);
    }

    private static StoredResponse Stored(string target, bool ownValidators, string host = "127.0.0.1:9120")
    {
        var number = target.GetHashCode(StringComparison.Ordinal);
        var facts = Given.Response(
            "Content-Type: application/json", "Cache-Control: max-age=3600", $"ETag: \"{(ownValidators ? number : 7):x}-61a8\"", "Content-Length: 200",
            Given.At("Date", 0), Given.At("Last-Modified", ownValidators ? -(number & 0xFFFFFF) : -1));
        var head = new StoredResponse(KeyOf(target, host))
        {
            Status = 200,
            Headers = StoredFields.Of(facts, Given.Rfc9111),
            Body = BodySegments.Empty,
            Freshness = Given.Freshness(facts, Given.Rfc9111),
            Epoch = 1,
            ETag = SharedText.Of(facts.ETag!),
            LastModified = facts.LastModified,
            Date = facts.Date!.Value,
        };
        return head.With(BodySegments.Copy(new byte[200]), head.ETag, etagGenerated: false, []);
    }
}
