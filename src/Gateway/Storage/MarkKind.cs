namespace CacheGateway.Storage;

/// <summary>The namespaces of marks: a user's tag can never meet a URL, a prefix or a policy of the same text.</summary>
internal enum MarkKind
{
    Tag,
    Url,
    Prefix,
    Policy,
}
