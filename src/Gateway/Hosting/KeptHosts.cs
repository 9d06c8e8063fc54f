namespace CacheGateway.Hosting;

/// <summary>
/// The hosts, among those that clients name and no configuration does, whose connections to an origin are kept for the next request. There are only so many at once; one that was not asked for during
/// <see cref="Idle"/> gives its place up. One for each cluster.
/// </summary>
internal sealed class KeptHosts(TimeProvider time)
{
    /// <summary>More names than a site that did not write down its own is likely to have; as many idle connections cost an origin nothing.</summary>
    public const int Most = 64;

    /// <summary>As long as a connection that is kept stays without a request.</summary>
    public static readonly TimeSpan Idle = TimeSpan.FromSeconds(60);

    private readonly Lock _gate = new();
    private readonly Dictionary<string, long> _askedAt = new(StringComparer.Ordinal);

    /// <summary>Whether the connection of a request may be kept.</summary>
    /// <param name="host">Letter for letter: that is how the client library keeps connections apart.</param>
    public bool Keeps(string host)
    {
        var now = time.GetTimestamp();
        lock (_gate)
        {
            if (!_askedAt.ContainsKey(host) && _askedAt.Count == Most)
            {
                foreach (var (other, at) in _askedAt)
                {
                    if (time.GetElapsedTime(at, now) >= Idle)
                    {
                        _askedAt.Remove(other);
                    }
                }

                if (_askedAt.Count == Most)
                {
                    return false;
                }
            }

            _askedAt[host] = now;
            return true;
        }
    }
}
