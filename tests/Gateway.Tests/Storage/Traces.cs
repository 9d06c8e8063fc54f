namespace CacheGateway.Tests.Storage;

/// <summary>Seeded request traces over integer keys.</summary>
internal static class Traces
{
    /// <summary>Independent draws by Zipf's law.</summary>
    public static IEnumerable<int> Zipf(int seed, int keys, double exponent, int requests)
    {
        var random = new Random(seed);
        var cumulative = new double[keys];
        var sum = 0.0;
        for (var i = 0; i < keys; i++)
        {
            sum += 1 / Math.Pow(i + 1, exponent);
            cumulative[i] = sum;
        }

        for (var i = 0; i < requests; i++)
        {
            var at = Array.BinarySearch(cumulative, random.NextDouble() * sum);
            yield return at < 0 ? Math.Min(~at, keys - 1) : at;
        }
    }

    /// <summary>Zipf, with <paramref name="share"/> of the requests to keys that never come again.</summary>
    public static IEnumerable<int> ZipfAndScan(int seed, int keys, double exponent, int requests, double share)
    {
        var random = new Random(seed + 1);
        var fresh = keys;
        foreach (var key in Zipf(seed, keys, exponent, requests))
        {
            yield return random.NextDouble() < share ? fresh++ : key;
        }
    }

    /// <summary>The same keys in the same order, again and again.</summary>
    public static IEnumerable<int> Loop(int keys, int requests) => Enumerable.Range(0, requests).Select(i => i % keys);
}
