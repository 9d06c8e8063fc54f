namespace Compare;

/// <summary>The same load on every peer, in rounds: each round asks all of them, beginning with another one.</summary>
internal sealed record LoadScenario(string Name, string Text, Load Load, params Peer[] Of) : IScenario
{
    private const int ManyConnections = 5000;

    /// <summary>Thousands of connections are not there at once.</summary>
    private static readonly TimeSpan TimeToConnect = TimeSpan.FromSeconds(8);

    public bool IsLong { get; init; }

    /// <summary>Before the first round of a peer, beside the warm-up.</summary>
    public Func<Bench, Peer, Task>? Prepare { get; init; }

    /// <summary>Runs beside each round, and ends when it is cancelled.</summary>
    public Func<Peer, CancellationToken, Task>? Beside { get; init; }

    public async Task<IReadOnlyList<Row>> RunAsync(Bench bench)
    {
        var options = bench.Options;
        var peers = Of.Where(peer => peer.Takes(Load) && (peer.Name == Peers.Gateway.Name || options.Peers.Length == 0 || options.Peers.Any(name => peer.Name.Contains(name, StringComparison.OrdinalIgnoreCase)))).ToArray();
        if (Array.Find(peers, peer => peer.MaxConnections < Load.Connections) is { } small)
        {
            throw new InvalidOperationException(FormattableString.Invariant($"{small.Name} holds {small.MaxConnections:N0} connections with as many files as a process may open here (ulimit -Hn)"));
        }

        var samples = peers.ToDictionary(peer => peer, _ => new List<Sample>());
        foreach (var peer in peers)
        {
            await bench.UpAsync(peer);
            if (Prepare is not null)
            {
                await Prepare(bench, peer);
            }

            await OnceAsync(bench, peer, TimeSpan.FromSeconds(options.WarmUpSeconds));
        }

        for (var round = 0; round < options.Rounds; round++)
        {
            for (var i = 0; i < peers.Length; i++)
            {
                var peer = peers[(i + round) % peers.Length];
                var sample = await OnceAsync(bench, peer, TimeSpan.FromSeconds(options.Seconds));
                samples[peer].Add(sample);
                Bench.Say(FormattableString.Invariant(
                    $"{Name,-14} round {round + 1}/{options.Rounds} {peer.Name,-15} {sample.Load.Rate,9:N0}/s  p50 {sample.Load.P50,7:0.00} ms  p99 {sample.Load.P99,7:0.00} ms  {sample.CpuMicroseconds,7:0.0} us{(sample.Load.Errors > 0 ? $"  {sample.Load.Errors} ERRORS" : "")}"));
            }
        }

        return [.. peers.Select(peer => Row.Of(Name, peer.Name, samples[peer]))];
    }

    private async Task<Sample> OnceAsync(Bench bench, Peer peer, TimeSpan time)
    {
        var server = await bench.UpAsync(peer);
        if (Load.Connections >= ManyConnections && time < TimeToConnect)
        {
            time = TimeToConnect;
        }

        using var done = new CancellationTokenSource();
        var beside = Beside?.Invoke(peer, done.Token) ?? Task.CompletedTask;
        var before = server.Use;
        var load = Load.Http2 || Load.Rate > 0
            ? await H2Load.RunAsync(bench, Load, peer.BaseUrl(Load), time)
            : await Wrk.RunAsync(bench, Load, peer.BaseUrl(Load), time);
        var after = server.Use;
        await done.CancelAsync();
        await beside;
        return new Sample(load, (after.CpuSeconds - before.CpuSeconds) / Math.Max(1, load.Requests) * 1e6, after.ResidentBytes / 1048576.0);
    }
}
