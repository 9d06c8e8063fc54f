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

    /// <summary>
    /// Whether a request that begins stands where one can. The server no longer reads the body of a request whose client is gone, and may take that body for the
    /// next request: what is asked so was never asked, and must not be done.
    /// </summary>
    public static bool IsRequest(IFeatureCollection features)
    {
        if (features.Get<FramingFeature>() is not { } framing || framing.IsAtRequest)
        {
            return true;
        }

        framing.Refuse();
        return false;
    }

    private bool IsAtRequest => reader.IsAtRequest;

    private void Refuse() => reader.RefuseRequest();

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
