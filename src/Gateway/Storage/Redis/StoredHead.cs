using CacheGateway.Model;

namespace CacheGateway.Storage.Redis;

/// <summary>What the head field of a variant says.</summary>
/// <param name="Response">Everything but the body; its ReceivedAt is <paramref name="ReceivedAt"/>.</param>
/// <param name="Incarnation">Under which life of the fence its epoch was given; an epoch of another life means nothing.</param>
/// <param name="ReceivedAt">When the response, or the 304 that refreshed it, came from the origin: milliseconds of Redis' own clock.</param>
/// <param name="Body">Which bytes of the body field belong to it.</param>
internal sealed record StoredHead(StoredResponse Response, string Incarnation, long ReceivedAt, BodyName Body);
