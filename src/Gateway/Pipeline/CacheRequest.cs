using CacheGateway.Http;
using CacheGateway.Model;
using CacheGateway.Policies;

namespace CacheGateway.Pipeline;

/// <summary>One client request on its way through the cache: what was found out about it, read by every later step.</summary>
internal sealed class CacheRequest
{
    public required HttpContext Context { get; init; }

    public required RequestDelegate Next { get; init; }

    /// <summary>The snapshot that <see cref="Policy"/> is from.</summary>
    public required CachePolicyTable Table { get; init; }

    public required CachePolicy Policy { get; init; }

    public required CacheKey Key { get; init; }

    public required RequestFacts Facts { get; init; }

    /// <summary>
    /// What this node had applied when the request turned to the fetches under way, after it was asked whether it trusts itself: where it does, all is in it that was acknowledged before the request came.
    /// Read earlier, it might lack what a sync brought in between, and a fetch that lacks the same would pass for one that is young enough.
    /// </summary>
    public FillEpoch Arrival { get; set; }

    /// <summary>When it came, by the recorder's clock.</summary>
    public required long StartedAt { get; init; }

    /// <summary>Whether what answers it was found in the shared tier alone.</summary>
    public bool IsFromShared { get; set; }

    /// <summary>What was stored under the key when the request looked last, whichever variant.</summary>
    public VariantSet? Known { get; set; }

    /// <summary>When the identity in the key ends: nothing stored for it stays fresh longer.</summary>
    public DateTimeOffset? NotAfter { get; init; }

    public RequestHeaderSource Headers => new(Context.Request.Headers);

    public CancellationToken ClientGone => Context.RequestAborted;
}
