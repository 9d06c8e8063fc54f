namespace CacheGateway.Model;

/// <summary>The bytes that a stored 206 holds (RFC 9110 14.4): first and last position, inclusive, of a representation of <paramref name="Total"/> bytes (null = the origin sent <c>*</c>).</summary>
public sealed record PartialContent(long First, long Last, long? Total);
