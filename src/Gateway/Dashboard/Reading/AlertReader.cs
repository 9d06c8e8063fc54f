using CacheGateway.Dashboard.Components;
using CacheGateway.Diagnostics.Traffic;
using CacheGateway.Operations.Alerts;

namespace CacheGateway.Dashboard.Reading;

/// <summary>Alerts that fire, as the pages show them: each with the way to what it is about.</summary>
internal sealed class AlertReader(AlertBoard board, TrafficRecorder traffic)
{
    private const int MostLookedAt = 200;

    public IReadOnlyList<AlertFigures> Firing => [.. board.Firing.Select(Figures)];

    private AlertFigures Figures(Alert alert)
    {
        var (page, name) = alert switch
        {
            { Policy.Length: > 0 } => (Link.Policy(alert.Policy), "See the policy"),
            { Rule: "policies-broken" } => ("/policies", "See the errors"),
            { Rule: "redis-away" or "bus-blind" or "bus-lag" } => ("/nodes", "See the nodes"),
            { Rule: "invalidation-storm" } => ("/audit", "See the audit"),
            _ => ((string?)null, ""),
        };
        return new AlertFigures(
            alert.Severity == "critical" ? "bad" : "warn", alert.Title, alert.Recommendation, alert.Since, page, name, alert.Policy.Length == 0 ? null : Example(alert.Policy));
    }

    /// <summary>The URL of the policy that misses most, without its query; none whose path may hold a secret.</summary>
    private string? Example(string policy) => traffic.ByMisses.Top(MostLookedAt)
        .Where(hitter => hitter.Key.Resource.Policy == policy)
        .Select(hitter => $"{hitter.Key.Resource.Scheme}://{hitter.Key.Resource.Authority}{hitter.Key.Resource.Path}")
        .FirstOrDefault(url => RedactedKey.OfUrl(url) == url);
}

/// <param name="Tone">As a callout's.</param>
/// <param name="Title">What is the matter.</param>
/// <param name="Advice">What to do.</param>
/// <param name="Since">When it began.</param>
/// <param name="Page">The page that shows what it is about; null = none shows more.</param>
/// <param name="PageName">What the link to it says.</param>
/// <param name="Example">A URL of that policy to be explained; null where none is known.</param>
internal sealed record AlertFigures(string Tone, string Title, string Advice, DateTimeOffset Since, string? Page, string PageName, string? Example);
