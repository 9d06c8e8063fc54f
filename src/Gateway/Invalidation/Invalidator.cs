using CacheGateway.Diagnostics;
using CacheGateway.Model;
using CacheGateway.Policies;
using CacheGateway.Storage;

namespace CacheGateway.Invalidation;

/// <summary>
/// The single door of every invalidation, whoever asks for it: unsafe methods, events, the admin API, responses that name groups.
/// Adds what the cascade map says, raises the fence, and answers with a receipt.
/// </summary>
internal sealed class Invalidator(
    TagEpochs epochs, IPolicySource policies, NodeName node, GatewayMetrics metrics, ILogger<Invalidator> logger)
{
    /// <summary>Raises <paramref name="scope"/>; when this returns, no later request on this node meets anything older.</summary>
    public InvalidationReceipt Raise(InvalidationScope scope, InvalidationSource source)
    {
        var cascaded = scope.Tags.Length == 0 ? scope : scope with { Tags = [.. policies.Current.Cascade(scope.Tags)] };
        var epoch = epochs.Raise(cascaded);
        metrics.Invalidated(source.ToString());
        if (logger.IsEnabled(LogLevel.Debug))
        {
            logger.Raised(epoch, source.ToString(), Describe(cascaded));
        }

        // One node: what is applied here is applied everywhere, and there is nothing more durable than this process's own memory.
        return new InvalidationReceipt(Guid.NewGuid().ToString("N"), epoch, true, [new NodeEpoch(node.Value, epochs.Applied)], []);
    }

    private static string Describe(InvalidationScope scope) =>
        scope.All ? "all" : string.Join(' ', [.. scope.Tags, .. scope.Urls.Select(url => "url:" + url), .. scope.Prefixes.Select(prefix => "prefix:" + prefix), .. scope.Policies.Select(policy => "policy:" + policy)]);
}

/// <summary>Who asked for an invalidation.</summary>
internal enum InvalidationSource
{
    UnsafeMethod,
    Event,
    Admin,
    Response,
}

/// <summary>What an invalidation did; the wire form of <c>POST /api/v2/cache/invalidate</c>'s answer.</summary>
/// <param name="Id">Names this invalidation in logs and audits.</param>
/// <param name="Epoch">The epoch it was raised to.</param>
/// <param name="Durable">Whether it survives this process as far as the stored responses do.</param>
/// <param name="Applied">The nodes that report the epoch as applied.</param>
/// <param name="Missing">Live nodes that did not report it in time.</param>
internal sealed record InvalidationReceipt(string Id, long Epoch, bool Durable, IReadOnlyList<NodeEpoch> Applied, IReadOnlyList<string> Missing);

internal sealed record NodeEpoch(string Node, long Epoch);

/// <summary>The name of this node (<c>--node</c>).</summary>
internal sealed record NodeName(string Value);
