using System.Diagnostics;

namespace Compare;

/// <summary>A thousand connected clients ask for a key nobody has asked for, of an origin that takes half a second.</summary>
internal sealed class StampedeScenario(params Peer[] peers) : IScenario
{
    private const int Clients = 1000;
    private const int OriginMilliseconds = 500;

    /// <summary>A peer that takes no more clients, or does not answer some, ends the scenario and not the run.</summary>
    private static readonly TimeSpan Longest = TimeSpan.FromSeconds(30);

    public string Name => "stampede";

    public string Text => $"{Clients} clients at once on a cold key, origin {OriginMilliseconds} ms: p99 is the slowest answer";

    public bool IsLong => false;

    public async Task<IReadOnlyList<Row>> RunAsync(Bench bench)
    {
        var rows = new List<Row>();
        foreach (var peer in peers)
        {
            var server = await bench.UpAsync(peer);
            var clients = new LineClient[Clients];
            for (var i = 0; i < Clients; i++)
            {
                clients[i] = await LineClient.ConnectAsync(peer.Port).WaitAsync(Longest);
            }

            // Everything is compiled and every connection was used before.
            await AllAsync(clients, peer, $"/b/1024/warm-{Environment.TickCount64}");
            var rounds = new List<(double[] Times, int Failed, double Hits, long Asked)>();
            for (var round = 0; round < bench.Options.Rounds; round++)
            {
                var path = $"/b/1024/cold-{Environment.TickCount64}?delay={OriginMilliseconds}";
                var before = await OriginRequests.ReadAsync();
                var (times, failed) = await AllAsync(clients, peer, path);
                var asked = await OriginRequests.ReadAsync() - before;
                var (hits, _) = await AllAsync(clients, peer, path);
                rounds.Add((times, failed, hits.Max(), asked));
                Bench.Say(FormattableString.Invariant($"{Name,-14} round {round + 1} {peer.Name,-15} slowest {times.Max():0} ms, {asked} origin requests, {failed} failed; 1,000 hits take {hits.Max():0} ms"));
            }

            var median = rounds.OrderBy(round => round.Times.Max()).ElementAt(rounds.Count / 2);
            rows.Add(new Row(Name, peer.Name)
            {
                P50 = median.Times.Order().ElementAt(Clients / 2),
                P99 = median.Times.Max(),
                ResidentMegabytes = server.Use.ResidentBytes / 1048576.0,
                Errors = rounds.Sum(round => round.Failed),
                Note = FormattableString.Invariant($"{rounds.Max(round => round.Asked)} origin requests; the same 1,000 as hits: {median.Hits:0} ms"),
            });
            foreach (var client in clients)
            {
                client.Dispose();
            }
        }

        return rows;
    }

    private static async Task<(double[] Milliseconds, int Failed)> AllAsync(LineClient[] clients, Peer peer, string path)
    {
        var failed = 0;
        var start = Stopwatch.GetTimestamp();
        var times = await Task.WhenAll(clients.Select(async client =>
        {
            if (await client.GetAsync(path, peer.Port) != 200)
            {
                Interlocked.Increment(ref failed);
            }

            return Stopwatch.GetElapsedTime(start).TotalMilliseconds;
        })).WaitAsync(Longest);
        return (times, failed);
    }
}
