using CacheGateway.Http;

namespace CacheGateway.Pipeline;

/// <summary>What a fill keeps of the request it was made for, beside what it forwards: the facts its judgement needs. Copied, never shared.</summary>
/// <param name="Request">Method class, directives and credentials.</param>
/// <param name="Headers">A copy of the request headers, for Vary and tags.</param>
/// <param name="NotAfter">When the identity in the key ends, or null.</param>
internal sealed record FillContext(RequestFacts Request, IHeaderDictionary Headers, DateTimeOffset? NotAfter);
