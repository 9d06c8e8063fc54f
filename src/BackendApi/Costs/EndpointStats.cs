using System.Collections.Concurrent;

namespace BackendApi.Costs;

/// <summary>Counts since the start or the last reset, for <c>/stats</c>.</summary>
internal sealed class EndpointStats
{
    private volatile ConcurrentDictionary<string, Counts> _byEndpoint = new(StringComparer.Ordinal);

    public void Record(string endpoint, int queries, TimeSpan database, TimeSpan delay) =>
        _byEndpoint.GetOrAdd(endpoint, _ => new Counts()).Add(queries, database, delay);

    public void Reset() => _byEndpoint = new ConcurrentDictionary<string, Counts>(StringComparer.Ordinal);

    public SortedDictionary<string, EndpointFigures> Read()
    {
        var figures = _byEndpoint.ToDictionary(entry => entry.Key, entry => entry.Value.Read());
        return new SortedDictionary<string, EndpointFigures>(figures, StringComparer.Ordinal);
    }

    private sealed class Counts
    {
        private readonly Lock _lock = new();
        private long _requests;
        private long _queries;
        private TimeSpan _database;
        private TimeSpan _delay;

        public void Add(int queries, TimeSpan database, TimeSpan delay)
        {
            lock (_lock)
            {
                _requests++;
                _queries += queries;
                _database += database;
                _delay += delay;
            }
        }

        public EndpointFigures Read()
        {
            lock (_lock)
            {
                return new EndpointFigures(_requests, _queries, Average(_database), Average(_delay));
            }
        }

        private double Average(TimeSpan sum) => Math.Round(sum.TotalMilliseconds / Math.Max(1, _requests), 3);
    }
}

/// <param name="Requests">How many requests the endpoint answered.</param>
/// <param name="Queries">How many queries they made.</param>
/// <param name="AverageDbMs">The database's own part of a request.</param>
/// <param name="AverageDelayMs">The part that was added to reach the documented cost.</param>
internal sealed record EndpointFigures(long Requests, long Queries, double AverageDbMs, double AverageDelayMs);
