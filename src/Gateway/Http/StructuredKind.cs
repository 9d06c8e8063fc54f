namespace CacheGateway.Http;

/// <summary>Types of Structured Field values (RFC 9651 3) as far as anything here tells them apart.</summary>
internal enum StructuredKind
{
    Boolean,
    Integer,
    String,
    Other,
}
