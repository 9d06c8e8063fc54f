namespace CacheGateway.Operations.Alerts;

/// <summary>
/// One rule on one subject between looks: quiet until it was bad for some looks in a row, then firing until it was good for as many. What is
/// neither, and what there is too little of to judge, changes nothing but lets an alert end.
/// </summary>
/// <param name="Since">When it began to fire; null = quiet.</param>
/// <param name="InRow">Looks in a row that speak for a change.</param>
/// <param name="Last">The last look.</param>
internal sealed record AlertState(DateTimeOffset? Since, int InRow, AlertLook Last)
{
    public bool IsFiring => Since is not null;

    public static AlertState Next(AlertState? before, AlertLook look, int looks, DateTimeOffset now)
    {
        if (before?.Since is not { } since)
        {
            var bad = look.IsBad == true ? (before?.InRow ?? 0) + 1 : 0;
            return bad >= looks ? new(now, 0, look) : new(null, bad, look);
        }

        var good = look.IsGood ? before.InRow + 1 : 0;
        return good >= looks ? new(null, 0, look) : new(since, good, look.IsBad is null ? before.Last : look);
    }
}
