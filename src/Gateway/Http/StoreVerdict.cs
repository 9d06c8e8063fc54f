using CacheGateway.Model;

namespace CacheGateway.Http;

/// <summary>
/// Whether a response may be stored, and as what. <paramref name="Reason"/> means something only when it may not; then
/// <paramref name="StoredHeaders"/> (the field lines to store) and <paramref name="VaryNames"/> (the request fields that select it,
/// with those that the profile adds) are empty.
/// </summary>
public readonly record struct StoreVerdict(bool Store, Reason Reason, HeaderField[] StoredHeaders, Freshness Freshness, string[] VaryNames);
