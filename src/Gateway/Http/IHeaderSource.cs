namespace CacheGateway.Http;

/// <summary>Request headers as plain text: all lines of one name joined with ", " (RFC 9110 5.2), or null when absent.</summary>
public interface IHeaderSource
{
    string? Find(string name);
}
