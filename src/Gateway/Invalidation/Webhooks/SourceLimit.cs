using System.Net;
using System.Net.Sockets;
using System.Threading.RateLimiting;

namespace CacheGateway.Invalidation.Webhooks;

/// <summary>How many webhooks one source may send: a burst of 1000, refilled at 500 a second. A source is an address, with IPv6 a /64.</summary>
internal sealed class SourceLimit : IDisposable
{
    private readonly PartitionedRateLimiter<IPAddress> _sources = PartitionedRateLimiter.Create<IPAddress, IPAddress>(
        address => RateLimitPartition.GetTokenBucketLimiter(Source(address), _ => new TokenBucketRateLimiterOptions
        {
            TokenLimit = 1000,
            TokensPerPeriod = 50,
            ReplenishmentPeriod = TimeSpan.FromMilliseconds(100),
            QueueLimit = 0,
        }));

    public bool TryTake(IPAddress? address)
    {
        using var lease = _sources.AttemptAcquire(address ?? IPAddress.None);
        return lease.IsAcquired;
    }

    public void Dispose() => _sources.Dispose();

    private static IPAddress Source(IPAddress address)
    {
        if (address.IsIPv4MappedToIPv6)
        {
            return address.MapToIPv4();
        }

        if (address.AddressFamily != AddressFamily.InterNetworkV6)
        {
            return address;
        }

        var bytes = address.GetAddressBytes();
        bytes.AsSpan(8).Clear();
        return new IPAddress(bytes);
    }
}
