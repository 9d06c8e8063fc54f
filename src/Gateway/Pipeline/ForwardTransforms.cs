using CacheGateway.Diagnostics.Traffic;
using Yarp.ReverseProxy.Transforms;
using Yarp.ReverseProxy.Transforms.Builder;

namespace CacheGateway.Pipeline;

/// <summary>What the gateway adds to the transforms of every YARP route: its own of the request and of the answer, and the fields that say how the client asked.</summary>
internal sealed class ForwardTransforms(LoopGuard loop, TrafficRecorder traffic, TargetedFields targeted) : ITransformProvider
{
    public void ValidateRoute(TransformRouteValidationContext context)
    {
    }

    public void ValidateCluster(TransformClusterValidationContext context)
    {
    }

    public void Apply(TransformBuilderContext context)
    {
        ArgumentNullException.ThrowIfNull(context);
        var rewrites = context.Route.Transforms is { Count: > 0 };
        var host = new HostRule(context.Route.Transforms ?? []);
        if (host.Written is not null && !host.IsOriginalNamed)
        {
            // Else the proxy takes the one that is written for the client's own, and away, where the two are the same.
            context.AddOriginalHost(useOriginal: true);
        }

        if (context.UseDefaultForwarders is null)
        {
            // As the proxy's own, but for the host: that decodes internationalised names, and fails on ill-formed ones.
            context.UseDefaultForwarders = false;
            context.AddXForwardedFor(action: ActionOf("X-Forwarded-For"));
            context.AddXForwardedProto(action: ActionOf("X-Forwarded-Proto"));
            context.AddXForwardedPrefix(action: ActionOf("X-Forwarded-Prefix"));
            if (ActionOf("X-Forwarded-Host") == ForwardedTransformActions.Set)
            {
                context.AddRequestTransform(ForwardedHost);
            }
        }

        // Behind all others: what is dropped is dropped whoever wrote it.
        context.RequestTransforms.Add(new OriginRequestTransform(loop, traffic, rewrites, host.Written));

        // Asked here, before this one is among them.
        var hides = context.ResponseTransforms.Count > 0 || context.CopyResponseHeaders == false;
        context.ResponseTransforms.Add(new OriginAnswerTransform(traffic, targeted, hides));
        context.AddResponseTrailersTransform(static trailers => trailers.HttpContext.Features.Get<ForwardFeature>()?.OnTrailers?.Invoke() ?? ValueTask.CompletedTask);

        // What the route writes itself stays: whoever ends TLS in front of this gateway can say so.
        ForwardedTransformActions ActionOf(string name) =>
            context.Route.Transforms?.Any(transform => transform.ContainsKey("Set") && transform.TryGetValue("RequestHeader", out var written) && written.Equals(name, StringComparison.OrdinalIgnoreCase)) == true
                ? ForwardedTransformActions.Off
                : ForwardedTransformActions.Set;
    }

    private static ValueTask ForwardedHost(RequestTransformContext context)
    {
        const string Name = "X-Forwarded-Host";
        context.ProxyRequest.Headers.Remove(Name);
        if (context.HttpContext.Request.Headers.Host is { Count: > 0 } host)
        {
            context.ProxyRequest.Headers.TryAddWithoutValidation(Name, (string?)host);
        }

        return ValueTask.CompletedTask;
    }
}
