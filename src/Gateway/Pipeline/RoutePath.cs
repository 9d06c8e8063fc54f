using CacheGateway.Http;
using CacheGateway.Model;
using Microsoft.AspNetCore.Http.Features;

namespace CacheGateway.Pipeline;

/// <summary>
/// The path by which a request goes on whose route was chosen by a path. The server resolved plain dot segments before that, so the path as it came could lead past the choice.
/// </summary>
internal static class RoutePath
{
    /// <summary>
    /// The path by which a route is chosen for <paramref name="target"/>, as the server makes it of origin-form: decoded but for %2F, then without dot segments. Of absolute-form the server itself
    /// decodes slashes as well: what has one key would go by two paths. Null where it has %00, which the server refuses in origin-form.
    /// </summary>
    public static string? Of(ReadOnlySpan<char> target)
    {
        var path = TargetParts.Path(target);
        return path.Contains("%00", StringComparison.Ordinal) ? null : TargetSpelling.PathWithoutDots(PathString.FromUriComponent(path.ToString()).Value!);
    }

    /// <summary>Whether some reader would find dot segments in <paramref name="path"/>, and the path had a say in which route was chosen.</summary>
    public static bool IsReadInTwoWays(HttpContext context, ReadOnlySpan<char> path) =>
        RequestTarget.HasDotSegments(path) && context.GetEndpoint()?.Metadata.GetMetadata<RouteGeneration>() is not { IsByPath: false };

    /// <summary>
    /// Whether no way of writing it is left by which nobody could leave the route: dot segments behind parameters ("..;", which Tomcat and Jetty cut off) or between slashes that
    /// lean the other way. Such a request is refused.
    /// </summary>
    public static bool LeadsAstray(HttpContext context) =>
        RequestTarget.OriginForm(context.Features.GetRequiredFeature<IHttpRequestFeature>().RawTarget) is { } target
        && IsReadInTwoWays(context, TargetParts.Path(target)) && HasDots(context.Request.Path.Value);

    /// <summary>Without dot segments, as it is written; where that hides some, as the route was chosen by it, written anew: what was encoded then is so twice.</summary>
    public static string Resolved(ReadOnlySpan<char> path, PathString chosenBy)
    {
        var resolved = TargetSpelling.Normalise(path.ToString());
        return RequestTarget.HasDotSegments(resolved) ? new PathString(chosenBy.Value!.Replace("%", "%25", StringComparison.Ordinal)).ToUriComponent() : resolved;
    }

    private static bool HasDots(ReadOnlySpan<char> path)
    {
        foreach (var range in path.SplitAny('/', '\\'))
        {
            var segment = path[range];
            var parameters = segment.IndexOf(';');
            if ((parameters < 0 ? segment : segment[..parameters]) is "." or "..")
            {
                return true;
            }
        }

        return false;
    }
}
