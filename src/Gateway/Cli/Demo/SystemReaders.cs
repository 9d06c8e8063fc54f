namespace CacheGateway.Cli.Demo;

/// <summary>The people of one system: each asks, reads for a moment, asks again. What is popular with one is popular with all.</summary>
internal sealed class SystemReaders
{
    private const double Exponent = 1.0;

    /// <summary>Between two requests of one reader: short enough for some traffic, long enough that two cores do not queue.</summary>
    private const int ThinkMinMs = 15;
    private const int ThinkMaxMs = 55;

    private readonly DemoSystem _system;
    private readonly DemoClient _client;
    private readonly int _weights;
    private readonly Dictionary<string, Zipf> _popularity;

    public SystemReaders(DemoSystem system, DemoClient client)
    {
        _system = system;
        _client = client;
        _weights = system.Endpoints.Sum(endpoint => endpoint.Weight);
        _popularity = system.Endpoints.ToDictionary(
            endpoint => endpoint.Name, endpoint => new Zipf(endpoint.Reads.Count, Exponent), StringComparer.Ordinal);
    }

    /// <summary>Reads until told to stop; a request under way is finished, so that none is cut off and counted as failed.</summary>
    public Task RunAsync(Func<bool> isTimed, CancellationToken stop, CancellationToken cancellation) =>
        Task.WhenAll(Enumerable.Range(1, _system.Readers).Select(number => ReadAsync(new Dice(number), isTimed, stop, cancellation)));

    private async Task ReadAsync(Dice dice, Func<bool> isTimed, CancellationToken stop, CancellationToken cancellation)
    {
        while (!stop.IsCancellationRequested)
        {
            var endpoint = Choose(dice.Between(1, _weights));
            var read = endpoint.Reads[_popularity[endpoint.Name].RankOf(dice.Next())];
            await _client.ReadAsync(endpoint, read, isTimed(), cancellation);
            // A user reads what came before he asks for the next.
            await Task.Delay(dice.Between(ThinkMinMs, ThinkMaxMs), cancellation);
        }
    }

    private DemoEndpoint Choose(int draw)
    {
        foreach (var endpoint in _system.Endpoints)
        {
            draw -= endpoint.Weight;
            if (draw <= 0)
            {
                return endpoint;
            }
        }

        return _system.Endpoints[^1];
    }
}
