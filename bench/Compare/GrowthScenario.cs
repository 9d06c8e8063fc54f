using System.Globalization;

namespace Compare;

/// <summary>The cost of a hit and of an entry as the cache grows from a thousand entries to a million.</summary>
internal sealed class GrowthScenario : IScenario
{
    private const int Many = 1_000_000;
    private const int Few = 1000;
    private const string Prefix = "/b/200/";

    private static readonly HttpClient Http = new();

    public string Name => "growth";

    public string Text => "hits of 200 B among 1,000 and among 1,000,000 entries";

    public bool IsLong => true;

    public async Task<IReadOnlyList<Row>> RunAsync(Bench bench)
    {
        var peer = Peers.Gateway;
        await bench.DownAsync(peer);
        var server = await bench.UpAsync(peer);
        await FillFewAsync(peer);
        List<Row> rows =
        [
            .. await HitsAsync(bench, "growth-1k", Few, "uniform"),
            .. await HitsAsync(bench, "growth-1k-z", Few, "zipf"),
        ];
        // Afterwards, when all that a gateway needs to serve at all is there: what comes now comes with the entries.
        var (few, fewHeap, fewEntries) = (server.Use.ResidentBytes, await HeapAsync(), await MetricAsync("cachegateway_memory_entries"));
        await FillAsync(bench, peer, Many);
        var (entries, accounted) = (await MetricAsync("cachegateway_memory_entries"), await MetricAsync("cachegateway_memory_bytes"));
        var (bytes, heap) = ((server.Use.ResidentBytes - few) / (entries - fewEntries), (await HeapAsync() - fewHeap) / (entries - fewEntries));
        rows.AddRange(await HitsAsync(bench, "growth-1m", Many, "uniform"));
        rows.AddRange(await HitsAsync(bench, "growth-1m-z", Many, "zipf"));
        rows[^1] = rows[^1] with
        {
            Note = string.Create(CultureInfo.InvariantCulture, $"{entries:N0} entries, RSS grew by {bytes:N0} B an entry of 200 B, the heap as of its last collection by {heap:N0} B; accounted {accounted / entries:N0} B"),
        };
        await bench.DownAsync(peer);
        return rows;
    }

    private static async Task<IReadOnlyList<Row>> HitsAsync(Bench bench, string name, int keys, string law) => await new LoadScenario(
        name, $"{law} over {keys.ToString("N0", CultureInfo.InvariantCulture)} entries of 200 B",
        new Load { Path = "", Keys = [Prefix, keys.ToString(CultureInfo.InvariantCulture), law] }, Peers.Gateway).RunAsync(bench);

    /// <summary>Those that the hits ask for, one after the other: the load generator knows no number, and would store ten times as many.</summary>
    private static async Task FillFewAsync(Peer peer)
    {
        using var client = await LineClient.ConnectAsync(peer.Port);
        for (var key = 1; key <= Few; key++)
        {
            var status = await client.GetAsync(FormattableString.Invariant($"{Prefix}{key}"), peer.Port);
            if (status != 200)
            {
                throw new InvalidOperationException($"key {key} is answered with {status}");
            }
        }
    }

    private static async Task FillAsync(Bench bench, Peer peer, int entries)
    {
        var load = new Load { Path = "", Keys = [Prefix, "0", "each", "0"] };
        // Each pass begins with the first key again: what is there is a hit, so a pass gets further than the one before.
        for (var seconds = 2; await MetricAsync("cachegateway_memory_entries") < entries; seconds = Math.Min(seconds * 2, 64))
        {
            await Wrk.RunAsync(bench, load, peer.BaseUrl(load), TimeSpan.FromSeconds(seconds));
            Bench.Say(FormattableString.Invariant($"growth         filled {await MetricAsync("cachegateway_memory_entries"):N0} of {entries:N0}"));
        }
    }

    /// <summary>Bytes of live objects and of holes between them, in all generations.</summary>
    private static Task<double> HeapAsync() => MetricAsync("dotnet_gc_last_collection_heap_size_bytes");

    /// <summary>The sum of all series of this name.</summary>
    private static async Task<double> MetricAsync(string name)
    {
        var text = await Http.GetStringAsync($"http://127.0.0.1:{Peers.Gateway.Port + 3}/metrics");
        return text.Split('\n')
            .Where(line => line.StartsWith(name + " ", StringComparison.Ordinal) || line.StartsWith(name + "{", StringComparison.Ordinal))
            .Sum(line => double.Parse(line[(line.LastIndexOf(' ') + 1)..], CultureInfo.InvariantCulture));
    }
}
