using CacheGateway.Model;

namespace CacheGateway.Http;

/// <summary>What <see cref="Storability"/> says of a response.</summary>
/// <param name="Store">Whether it may be stored and shared.</param>
/// <param name="Reason">Why not; <see cref="Reason.Miss"/> when it may.</param>
/// <param name="StoredHeaders">The field lines to store.</param>
/// <param name="Freshness">Its freshness.</param>
/// <param name="VaryNames">The selecting headers, those that the profile adds included.</param>
public readonly record struct StoreVerdict(bool Store, Reason Reason, HeaderField[] StoredHeaders, Freshness Freshness, string[] VaryNames)
{
    internal static StoreVerdict Refuse(Reason reason, Freshness freshness) => new(false, reason, [], freshness, []);
}
