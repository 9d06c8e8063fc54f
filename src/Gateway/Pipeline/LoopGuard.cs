using Microsoft.Net.Http.Headers;

namespace CacheGateway.Pipeline;

/// <summary>
/// Notices a request that comes back to the gateway it left (RFC 8586): each forwarded request carries this process's name in CDN-Loop.
/// </summary>
internal sealed class LoopGuard
{
    private const string CdnLoop = "CDN-Loop";

    private readonly string _token = $"cachegateway-{Guid.NewGuid():N}";

    /// <summary>Via for a message received in <paramref name="version"/> (RFC 9110 7.6.3).</summary>
    public static string ViaValue(Version version) => (version.Major, version.Minor) switch
    {
        (1, 0) => "1.0 CacheGateway",
        (2, _) => "2 CacheGateway",
        (3, _) => "3 CacheGateway",
        _ => "1.1 CacheGateway",
    };

    public bool IsLoop(IHeaderDictionary headers)
    {
        if (!headers.TryGetValue(CdnLoop, out var lines))
        {
            return false;
        }

        foreach (var line in lines)
        {
            if (line is not null && line.Contains(_token, StringComparison.Ordinal))
            {
                return true;
            }
        }

        return false;
    }

    public void Mark(HttpRequestMessage request, string protocol)
    {
        request.Headers.TryAddWithoutValidation(CdnLoop, _token);
        request.Headers.TryAddWithoutValidation(HeaderNames.Via, protocol switch
        {
            "HTTP/2" => "2 CacheGateway",
            "HTTP/3" => "3 CacheGateway",
            "HTTP/1.0" => "1.0 CacheGateway",
            _ => "1.1 CacheGateway",
        });
    }
}
