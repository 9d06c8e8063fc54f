using CacheGateway.Http;
using CacheGateway.Model;

namespace CacheGateway.Pipeline;

/// <summary>What an answer of the origin is judged by, beside what it says: what was asked for and when. Copied, never shared.</summary>
/// <param name="Key">The primary key.</param>
/// <param name="Policy">The policy in force.</param>
/// <param name="Epoch">The epoch this node had applied before the origin was asked.</param>
/// <param name="Validating">The stored response whose validators were sent, or null.</param>
/// <param name="Request">Method class, directives and credentials.</param>
/// <param name="Headers">A copy of the request headers, for Vary and tags.</param>
/// <param name="NotAfter">When the identity in the key ends, or null.</param>
internal sealed record FillContext(
    CacheKey Key, CachePolicy Policy, FillEpoch Epoch, StoredResponse? Validating, RequestFacts Request, IHeaderDictionary Headers, DateTimeOffset? NotAfter);
