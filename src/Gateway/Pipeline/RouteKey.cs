using System.Runtime.CompilerServices;
using System.Security.Cryptography;
using System.Text.Json;
using Yarp.ReverseProxy.Configuration;

namespace CacheGateway.Pipeline;

/// <summary>
/// How a route stands in keys: by its name, and a digest of what decides who answers under it and what that one is sent. A route that keeps its name and is made another finds nothing
/// of what the former one stored. Destinations are no part of it: they come and go while what they answer stays. Drawn:
/// <code>
/// route#hash of [cluster, conditions on headers and on parameters, transforms, path where there are transforms, which may use what it binds]
/// </code>
/// The route of <c>--origin</c> alone, which can be no other, stands there by its name.
/// </summary>
internal static class RouteKey
{
    /// <summary>64 bits suffice: a route only meets its own former states.</summary>
    private const int Bytes = 8;

    /// <summary>A state of a route is never edited, and goes when its requests are through.</summary>
    private static readonly ConditionalWeakTable<RouteConfig, string> Known = new();

    /// <summary>The same text on every node that has the route in this state.</summary>
    public static string Of(RouteConfig route) => Known.GetValue(route, static state => IsOfOriginAlone(state) ? state.RouteId : $"{state.RouteId}#{Digest(state)}");

    private static bool IsOfOriginAlone(RouteConfig route) =>
        route.ClusterId == route.RouteId
        && route.Match is { Headers: null or [], QueryParameters: null or [] }
        && route.Transforms is [{ Count: 1 } only] && only.TryGetValue("RequestHeaderOriginalHost", out var kept) && kept == "True"
        // Else its name could be what another one with its digest is.
        && !route.RouteId.Contains('#', StringComparison.Ordinal);

    private static string Digest(RouteConfig route)
    {
        var transforms = route.Transforms ?? [];
        var text = JsonSerializer.SerializeToUtf8Bytes(new
        {
            route.ClusterId,
            Headers = (route.Match.Headers ?? []).Select(one => new { Name = one.Name.ToLowerInvariant(), one.Values, Mode = $"{one.Mode}", one.IsCaseSensitive }),
            Parameters = (route.Match.QueryParameters ?? []).Select(one => new { one.Name, one.Values, Mode = $"{one.Mode}", one.IsCaseSensitive }),
            Transforms = transforms.Select(transform => transform.OrderBy(part => part.Key, StringComparer.Ordinal)),
            Path = transforms.Count > 0 ? route.Match.Path : null,
        });
        return Convert.ToHexStringLower(SHA256.HashData(text).AsSpan(0, Bytes));
    }
}
