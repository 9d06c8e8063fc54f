using System.Diagnostics;

namespace Compare;

/// <summary>From the start of the process to its first hit, and what it then holds.</summary>
internal sealed class StartScenario : IScenario
{
    public string Name => "start";

    public string Text => "start of the published build to the first hit (p50: median, p99: slowest), RSS then";

    public bool IsLong => false;

    public async Task<IReadOnlyList<Row>> RunAsync(Bench bench)
    {
        await bench.UpAsync(Peers.Origin);
        await bench.DownAsync(Peers.Gateway);
        var times = new List<double>();
        double resident = 0;
        for (var round = 0; round < Math.Max(3, bench.Options.Rounds); round++)
        {
            var start = Stopwatch.GetTimestamp();
            var server = await bench.UpAsync(Peers.Gateway);
            using var client = await LineClient.ConnectAsync(Peers.Gateway.Port);
            var path = $"/b/1024/start-{round}";
            await client.GetAsync(path, Peers.Gateway.Port);
            await client.GetAsync(path, Peers.Gateway.Port);
            times.Add(Stopwatch.GetElapsedTime(start).TotalMilliseconds);
            resident = server.Use.ResidentBytes / 1048576.0;
            await bench.DownAsync(Peers.Gateway);
        }

        times.Sort();
        Bench.Say(FormattableString.Invariant($"{Name,-14} {times[times.Count / 2]:0} ms, RSS {resident:0} MB"));
        return [new Row(Name, Peers.Gateway.Name) { P50 = times[times.Count / 2], P99 = times[^1], ResidentMegabytes = resident }];
    }
}
