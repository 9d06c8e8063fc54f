namespace CacheGateway.Http;

/// <summary>The header fields of one request. Generic callers take it as a struct, so that looking one up costs no allocation.</summary>
public interface IHeaderSource
{
    /// <summary>All lines of the field joined with ", " (RFC 9110 5.3), or null when the request has none.</summary>
    string? Find(string name);
}
