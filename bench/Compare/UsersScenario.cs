using System.Collections.Concurrent;
using System.Diagnostics;

namespace Compare;

/// <summary>People on the demo's leads API, directly and through the gateway: each asks, reads for a second or so, asks again.</summary>
internal sealed class UsersScenario(int users) : IScenario
{
    private static readonly string[] Pages =
    [
        .. Enumerable.Range(1, 40).Select(page => FormattableString.Invariant($"/api/leads/?page={page}")), .. Enumerable.Range(1, 15).Select(id => FormattableString.Invariant($"/api/leads/{id}/")),
        "/api/leads/summary", "/api/leads/categories", "/api/static/config",
    ];

    public string Name => FormattableString.Invariant($"users-{users}");

    public string Text => FormattableString.Invariant($"{users} users on the leads API, each pausing 0.5 to 1.5 s between requests");

    public bool IsLong => false;

    public async Task<IReadOnlyList<Row>> RunAsync(Bench bench)
    {
        var rows = new List<Row>();
        foreach (var peer in (Peer[])[Peers.GatewayOfLeads, Peers.LeadsApi])
        {
            var server = await bench.UpAsync(peer);
            await RunAsync(peer, Math.Min(users, 50), TimeSpan.FromSeconds(3));
            var before = server.Use;
            var time = TimeSpan.FromSeconds(Math.Max(5, bench.Options.Rounds * bench.Options.Seconds));
            var (times, failed) = await RunAsync(peer, users, time);
            var after = server.Use;
            Array.Sort(times);
            rows.Add(new Row(Name, peer.Name)
            {
                Rate = times.Length / time.TotalSeconds,
                P50 = times[times.Length / 2],
                P99 = times[times.Length * 99 / 100],
                CpuMicroseconds = (after.CpuSeconds - before.CpuSeconds) / times.Length * 1e6,
                ResidentMegabytes = after.ResidentBytes / 1048576.0,
                Errors = failed,
                Note = FormattableString.Invariant($"success {100.0 * times.Length / (times.Length + failed):0.00} %"),
            });
            Bench.Say(FormattableString.Invariant($"{Name,-14} {peer.Name,-15} {rows[^1].Rate:N0}/s, p99 {rows[^1].P99:0.0} ms, {rows[^1].Note}"));
        }

        return rows;
    }

    private static async Task<(double[] Milliseconds, int Failed)> RunAsync(Peer peer, int users, TimeSpan time)
    {
        using var http = new HttpClient(new SocketsHttpHandler { UseCookies = false, UseProxy = false }) { BaseAddress = new Uri($"http://127.0.0.1:{peer.Port}"), Timeout = TimeSpan.FromSeconds(30) };
        var times = new ConcurrentQueue<double>();
        var failed = 0;
        var start = Stopwatch.GetTimestamp();
        await Task.WhenAll(Enumerable.Range(0, users).Select(async user =>
        {
            var dice = new Random(user);
            await Task.Delay(dice.Next(1000));
            while (Stopwatch.GetElapsedTime(start) < time)
            {
                var asked = Stopwatch.GetTimestamp();
                try
                {
                    // The first pages are the ones that people look at.
                    using var answer = await http.GetAsync(Pages[(int)(dice.NextDouble() * dice.NextDouble() * Pages.Length)]);
                    answer.EnsureSuccessStatusCode();
                    times.Enqueue(Stopwatch.GetElapsedTime(asked).TotalMilliseconds);
                }
                catch (Exception exception) when (exception is HttpRequestException or TaskCanceledException)
                {
                    Interlocked.Increment(ref failed);
                }

                await Task.Delay(500 + dice.Next(1000));
            }
        }));
        return ([.. times], failed);
    }
}
