namespace CacheGateway.Dashboard.Reading;

/// <summary>A stretch of the past that a page shows, and in which steps its charts do.</summary>
/// <param name="Name">In the address.</param>
/// <param name="Title">On the switch.</param>
/// <param name="Words">In sentences: "in the last 5 minutes".</param>
/// <param name="Step">One column of a chart.</param>
/// <param name="Points">Columns of a chart.</param>
internal sealed record TimeRange(string Name, string Title, string Words, TimeSpan Step, int Points)
{
    public static readonly TimeRange[] All =
    [
        new("start", "Since start", "since the start", TimeSpan.FromSeconds(30), 60) { IsWhole = true },
        new("5m", "5 min", "in the last 5 minutes", TimeSpan.FromSeconds(5), 60),
        new("30m", "30 min", "in the last 30 minutes", TimeSpan.FromSeconds(30), 60),
        new("24h", "24 h", "in the last 24 hours", TimeSpan.FromMinutes(15), 96),
    ];

    /// <summary>Figures are those since the start, exact to the last request; charts show as much of it as is kept.</summary>
    public bool IsWhole { get; private init; }

    /// <summary>This range with charts that show no more of the past than there is.</summary>
    public TimeRange For(TimeSpan uptime)
    {
        if (!IsWhole)
        {
            return this;
        }

        var shown = Array.Find(All, range => !range.IsWhole && range.Length >= uptime) ?? All[^1];
        return this with { Step = shown.Step, Points = shown.Points, ChartWords = shown.Words };
    }

    public TimeSpan Length => Step * Points;

    /// <summary>What the charts show, where it is not what the figures do.</summary>
    public string ChartWords { get; private init; } = Words;

    public static TimeRange Of(string? name) => Array.Find(All, range => range.Name == name) ?? All[0];
}
