using CacheGateway.Http;

namespace Gateway.Tests.Policies;

internal sealed class RequestHeaders(params (string Name, string Value)[] headers) : IHeaderSource
{
    public static readonly RequestHeaders None = new();

    public string? Find(string name)
    {
        foreach (var header in headers)
        {
            if (string.Equals(header.Name, name, StringComparison.OrdinalIgnoreCase))
            {
                return header.Value;
            }
        }

        return null;
    }
}
