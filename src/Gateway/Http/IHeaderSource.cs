namespace CacheGateway.Http;

/// <summary>Looks up one request header: all its lines joined with ", ", or null when the request has none.</summary>
public interface IHeaderSource
{
    string? Find(string name);
}
