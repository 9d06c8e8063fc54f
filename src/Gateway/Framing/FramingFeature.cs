using Microsoft.AspNetCore.Http.Features;

namespace CacheGateway.Framing;

/// <summary>Tells the guard of a connection when it leaves HTTP; set by the listener, belongs to the connection.</summary>
internal sealed class FramingFeature(GuardedReader reader)
{
    /// <summary>Lets the guard know should this request be upgraded; until then whatever follows it is judged as a request.</summary>
    public static void Watch(IFeatureCollection features)
    {
        if (features.Get<IHttpUpgradeFeature>() is { IsUpgradableRequest: true } upgrade && features.Get<FramingFeature>() is { } framing)
        {
            features.Set<IHttpUpgradeFeature>(new WatchedUpgrade(upgrade, framing));
        }
    }

    private void Release() => reader.Release();

    private sealed class WatchedUpgrade(IHttpUpgradeFeature upgrade, FramingFeature framing) : IHttpUpgradeFeature
    {
        public bool IsUpgradableRequest => upgrade.IsUpgradableRequest;

        public Task<Stream> UpgradeAsync()
        {
            framing.Release();
            return upgrade.UpgradeAsync();
        }
    }
}
