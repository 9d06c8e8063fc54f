namespace CacheGateway.Model;

/// <summary>Which rule gave a stored response its freshness lifetime; shown by explanations.</summary>
public enum FreshnessSource : byte
{
    None,
    TargetedMaxAge,
    SMaxAge,
    MaxAge,
    Expires,
    Heuristic,
    PolicyFallback,
    PolicyOverride,
    PolicyStatus,
}
