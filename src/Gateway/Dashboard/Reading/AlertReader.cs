using CacheGateway.Operations.Alerts;

namespace CacheGateway.Dashboard.Reading;

/// <summary>Alerts that fire and that ended lately, as the pages show them.</summary>
internal sealed class AlertReader(AlertBoard board)
{
    public IReadOnlyList<AlertFigures> Firing => [.. board.Firing.Select(alert => new AlertFigures(
        alert.Severity == "critical" ? "bad" : "warn", alert.Policy.Length == 0 ? alert.Title : $"{alert.Policy}: {alert.Title}", alert.Recommendation, alert.Since))];

    public IReadOnlyList<EndedAlert> Ended => board.Ended;
}

/// <param name="Tone">As a callout's.</param>
/// <param name="Title">What is the matter.</param>
/// <param name="Advice">What to do.</param>
/// <param name="Since">When it began.</param>
internal sealed record AlertFigures(string Tone, string Title, string Advice, DateTimeOffset Since);
