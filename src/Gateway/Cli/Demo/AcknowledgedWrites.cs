using System.Collections.Concurrent;

namespace CacheGateway.Cli.Demo;

/// <summary>
/// What the backend has confirmed, and when the confirmation was here. A scope names data ("clients", "client:7"); versions of one system
/// are comparable, so the highest one confirmed before a read was sent is the least that the read may show.
/// </summary>
internal sealed class AcknowledgedWrites
{
    private readonly ConcurrentDictionary<string, List<(long At, long Version)>> _byScope = new(StringComparer.Ordinal);

    /// <param name="scopes">The data that the write changed.</param>
    /// <param name="version">The number of its commit.</param>
    /// <param name="at">When its answer was here, on the clock that reads are stamped with.</param>
    public void Add(IEnumerable<string> scopes, long version, long at)
    {
        foreach (var scope in scopes)
        {
            var confirmed = _byScope.GetOrAdd(scope, _ => []);
            lock (confirmed)
            {
                confirmed.Add((at, version));
            }
        }
    }

    /// <summary>The highest version confirmed for the scope before a request was sent; 0 when there is none.</summary>
    public long Before(string scope, long sentAt)
    {
        if (!_byScope.TryGetValue(scope, out var confirmed))
        {
            return 0;
        }

        lock (confirmed)
        {
            return confirmed.Where(write => write.At < sentAt).Select(write => write.Version).DefaultIfEmpty().Max();
        }
    }
}
