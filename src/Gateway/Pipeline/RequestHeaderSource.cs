using CacheGateway.Http;

namespace CacheGateway.Pipeline;

/// <summary>Reads request headers for the pure functions of Http/, which know nothing of the server.</summary>
internal readonly struct RequestHeaderSource(IHeaderDictionary headers) : IHeaderSource
{
    public string? Find(string name) => FieldLines.Find(headers, name);
}
