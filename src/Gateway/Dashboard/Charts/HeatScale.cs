namespace CacheGateway.Dashboard.Charts;

/// <summary>Seven shades for a value: by share, or by the logarithm where a few values are far above the rest.</summary>
public static class HeatScale
{
    public const int Steps = 7;

    /// <param name="value">Counted; 0 is the palest shade and nothing else is.</param>
    /// <param name="most">The largest value beside it.</param>
    public static int OfCount(double value, double most) =>
        value <= 0 ? 0 : Math.Clamp((int)Math.Ceiling((Steps - 1) * Math.Log(1 + value) / Math.Log(1 + Math.Max(value, most))), 1, Steps - 1);

    /// <param name="share">0 to 1; null = nothing to have a share of.</param>
    public static int OfShare(double? share) => share is { } given ? 1 + (int)Math.Min(Steps - 2, Math.Floor(given * (Steps - 1))) : 0;
}
