namespace CacheGateway.Invalidation;

/// <summary>Who asked for an invalidation. A label of metrics and a field of the audit, by name.</summary>
internal enum InvalidationSource
{
    UnsafeMethod,
    Event,
    Admin,
    Webhook,
}
