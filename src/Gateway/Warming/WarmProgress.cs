namespace CacheGateway.Warming;

/// <summary>How far a warm-up is; the wire form of <c>/api/v2/cache/warm-cache</c>.</summary>
/// <param name="Id">Names it.</param>
/// <param name="State">running, done, cancelled or failed.</param>
/// <param name="Cause">Who wanted it: api, dashboard, start, invalidation.</param>
/// <param name="Total">Targets in all.</param>
/// <param name="Done">Targets that were dealt with.</param>
/// <param name="Stored">Of them fetched and stored.</param>
/// <param name="Fresh">Of them there already.</param>
/// <param name="NotStored">Of them answered by the origin with what may not be stored, or passed by policy.</param>
/// <param name="Failed">Of them without a usable answer.</param>
/// <param name="StartedAt">When it began.</param>
/// <param name="Seconds">How long it has run, or ran.</param>
/// <param name="PerSecond">Targets a second so far.</param>
/// <param name="EtaSeconds">How long it will still take at that pace; null when it runs no more or nothing is known yet.</param>
/// <param name="Problems">The first of those that failed or were not stored, queries hidden.</param>
internal sealed record WarmProgress(
    string Id, WarmState State, string Cause, int Total, int Done, int Stored, int Fresh, int NotStored, int Failed, DateTimeOffset StartedAt,
    double Seconds, double PerSecond, double? EtaSeconds, IReadOnlyList<WarmProblem> Problems);

internal enum WarmState
{
    Running,
    Done,
    Cancelled,

    /// <summary>An error of the gateway's own ended it; the log says which.</summary>
    Failed,
}

/// <param name="Url">Values of the query hidden.</param>
/// <param name="Outcome">failed or not-stored.</param>
/// <param name="Status">The origin's; 0 where it was not asked.</param>
/// <param name="Reason">Of the closed list.</param>
internal sealed record WarmProblem(string Url, string Outcome, int Status, string Reason);
