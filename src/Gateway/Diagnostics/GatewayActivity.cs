using System.Diagnostics;

namespace CacheGateway.Diagnostics;

/// <summary>The gateway's one activity source. Nothing is made while nobody listens.</summary>
internal static class GatewayActivity
{
    public const string Name = "CacheGateway";

    public static readonly ActivitySource Source = new(Name);

    /// <summary>A fetch is its own task: it has no parent, and is linked to the request that caused it.</summary>
    public static Activity? Fetch(ActivityContext cause, string policy)
    {
        if (!Source.HasListeners())
        {
            return null;
        }

        ActivityLink[] links = cause == default ? [] : [new ActivityLink(cause)];
        var activity = Source.StartActivity(ActivityKind.Client, default(ActivityContext), links: links, name: "cachegateway.fetch");
        activity?.SetTag("cachegateway.policy", policy);
        return activity;
    }

    /// <summary>What became of a request, on the server's own activity.</summary>
    public static void Tell(string policy, string outcome, string level, string reason)
    {
        if (Activity.Current is { } current)
        {
            current.SetTag("cachegateway.policy", policy);
            current.SetTag("cachegateway.outcome", outcome);
            current.SetTag("cachegateway.level", level);
            current.SetTag("cachegateway.reason", reason);
        }
    }
}
