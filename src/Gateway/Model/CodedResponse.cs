namespace CacheGateway.Model;

/// <summary>A stored response in one content coding (RFC 9110 8.4.1), ready to send.</summary>
/// <param name="Coding">"br" or "gzip".</param>
/// <param name="Digest">Eight hex digits of its bytes, which are part of its entity tag.</param>
/// <param name="Response">The same resource with coded body, Content-Encoding and an entity tag of its own.</param>
public sealed record CodedResponse(string Coding, string Digest, StoredResponse Response);
