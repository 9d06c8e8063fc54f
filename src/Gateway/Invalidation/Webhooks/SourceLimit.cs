using System.Net;
using System.Net.Sockets;
using System.Threading.RateLimiting;

namespace CacheGateway.Invalidation.Webhooks;

/// <summary>
/// How many webhooks one source may send: a burst of 1000, refilled at 500 a second, and as many again that are signed: behind a balancer all have one address, and what anybody sends
/// there must not cost a backend its own. A source is an address, with IPv6 a /64.
/// </summary>
internal sealed class SourceLimit : IDisposable
{
    private readonly PartitionedRateLimiter<IPAddress> _strangers = BySource();
    private readonly PartitionedRateLimiter<IPAddress> _signed = BySource();

    public bool TryTake(IPAddress? address, bool isSigned)
    {
        using var lease = (isSigned ? _signed : _strangers).AttemptAcquire(address ?? IPAddress.None);
        return lease.IsAcquired;
    }

    public void Dispose()
    {
        _strangers.Dispose();
        _signed.Dispose();
    }

    private static PartitionedRateLimiter<IPAddress> BySource() => PartitionedRateLimiter.Create<IPAddress, IPAddress>(
        address => RateLimitPartition.GetTokenBucketLimiter(Source(address), _ => new TokenBucketRateLimiterOptions
        {
            TokenLimit = 1000,
            TokensPerPeriod = 50,
            ReplenishmentPeriod = TimeSpan.FromMilliseconds(100),
            QueueLimit = 0,
        }));

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
