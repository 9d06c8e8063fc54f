using CacheGateway.Storage;

namespace CacheGateway.Tests.Storage;

public sealed class MemoryTierHitRatioTests(ITestOutputHelper output)
{
    private const int Capacity = 2_000;
    private const int Requests = 400_000;
    private const int KeySets = 5;

    /// <summary>More than any trace has, so that two sets share no key.</summary>
    private const int KeysPerSet = 10_000_000;

    /// <summary>What one entry costs: keys have eight characters, and the rest is filled up.</summary>
    private const int EntryBytes = 1_000;

    [Fact]
    public void Find_Zipf_HitsAsOftenAsTheReference() =>
        AssertNotWorse("zipf", () => Traces.Zipf(1, 20_000, 0.9, Requests));

    [Fact]
    public void Find_ZipfAndScan_HitsAsOftenAsTheReference() =>
        AssertNotWorse("zipf+scan", () => Traces.ZipfAndScan(2, 20_000, 0.9, Requests, 0.5));

    [Theory]
    [InlineData(110)]
    [InlineData(150)]
    [InlineData(200)]
    [InlineData(400)]
    public void Find_Loop_HitsAsOftenAsTheReference(int percentOfCapacity) =>
        AssertNotWorse($"loop {percentOfCapacity} %", () => Traces.Loop(Capacity * percentOfCapacity / 100, Requests));

    [Fact]
    [Attack("E04", "A flood of keys asked for once")]
    public void Find_ScanBesideHotKeys_CostsTheHotKeysAtMostFivePoints()
    {
        var tier = new MemoryTier(1_000L * EntryBytes);
        var random = new Random(3);
        double Round(bool scan)
        {
            var hits = 0;
            for (var i = 0; i < 100_000; i++)
            {
                hits += Request(tier, random.Next(200)) ? 1 : 0;
                if (scan)
                {
                    Request(tier, 1_000 + i);
                }
            }

            return hits / 100_000.0;
        }

        Round(scan: false);
        var before = Round(scan: false);
        var beside = Round(scan: true);
        output.WriteLine($"hot set alone {before:P2}, beside the scan {beside:P2}");
        Assert.True(before - beside <= 0.05, $"{before} -> {beside}");
    }

    private static bool Request(MemoryTier tier, int number)
    {
        Span<char> key = stackalloc char[8];
        number.TryFormat(key, out _, "D8");
        if (tier.Find(key) is not null)
        {
            return true;
        }

        tier.Update(key.ToString(), _ => Sets.Of(number.ToString("D8"), EntryBytes - MemoryNode.Overhead));
        return false;
    }

    /// <summary>
    /// The hit ratio over several sets of keys: the hash has a seed per process, so that the collisions in the sketch, which cost a loop
    /// most, are others for each set, and one unlucky set says little about the rule of admission.
    /// </summary>
    private static double HitRatio(Func<IEnumerable<int>> trace)
    {
        var hits = 0L;
        for (var set = 0; set < KeySets; set++)
        {
            var tier = new MemoryTier((long)Capacity * EntryBytes);
            var first = set * KeysPerSet;
            hits += trace().Count(number => Request(tier, first + number));
        }

        return hits / ((double)Requests * KeySets);
    }

    private void AssertNotWorse(string name, Func<IEnumerable<int>> trace)
    {
        var reference = new ReferenceTinyLfu(Capacity);
        var expected = trace().Count(reference.Request) / (double)Requests;
        var actual = HitRatio(trace);
        output.WriteLine($"{name}: reference {expected:P2}, memory tier {actual:P2}");
        Assert.True(actual >= expected - 0.02, $"{name}: reference {expected:P2}, memory tier {actual:P2}");
    }
}
