using System.Net;
using CacheGateway.Model;
using Microsoft.AspNetCore.Http.Features;

namespace CacheGateway.Warming;

/// <summary>Makes the request of a target as the server would have made it for a client.</summary>
internal static class WarmContext
{
    public static HttpContext Create(WarmTarget target, IServiceScopeFactory scopes)
    {
        var headers = new HeaderDictionary(target.Headers.Count + 2) { ["Host"] = target.Authority, ["Accept"] = "*/*" };
        foreach (var (name, value) in target.Headers)
        {
            headers[name] = value;
        }

        if (headers["Accept"].ToString().Length == 0)
        {
            headers.Remove("Accept");
        }

        var features = new FeatureCollection();
        features.Set<IHttpRequestFeature>(new HttpRequestFeature
        {
            Protocol = "HTTP/1.1",
            Method = HttpMethods.Get,
            Scheme = target.Scheme,
            Path = PathString.FromUriComponent(TargetParts.Path(target.Target).ToString()).Value ?? "/",
            QueryString = TargetParts.Query(target.Target).ToString(),
            RawTarget = target.Target,
            Headers = headers,
        });
        features.Set<IHttpResponseFeature>(new HttpResponseFeature());
        features.Set<IHttpResponseBodyFeature>(new StreamResponseBodyFeature(Stream.Null));
        features.Set<IHttpConnectionFeature>(new HttpConnectionFeature
        {
            ConnectionId = "warming",
            // No client, so that X-Forwarded-For names none: an origin may show a local address more than everybody may see.
            RemoteIpAddress = null,
            LocalIpAddress = IPAddress.Loopback,
        });
        return new DefaultHttpContext(features) { ServiceScopeFactory = scopes };
    }
}
