namespace CacheGateway.Pipeline;

/// <summary>
/// The fields that speak to this cache before Cache-Control does (RFC 9213 2.2), the most specific first. <c>Surrogate-Control</c> may be put
/// among them; it is read by the same grammar.
/// </summary>
internal sealed record TargetedFields(IReadOnlyList<string> Names);
