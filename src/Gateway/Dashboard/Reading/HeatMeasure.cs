using CacheGateway.Dashboard.Charts;
using CacheGateway.Dashboard.Components;
using CacheGateway.Operations;

namespace CacheGateway.Dashboard.Reading;

/// <summary>What the shades of the heat map stand for.</summary>
internal sealed record HeatMeasure(string Name, string Title, Func<HeatCell, double?> Value, bool IsShare)
{
    public static readonly HeatMeasure[] All =
    [
        new("requests", "Requests", cell => cell.Requests, false),
        new("ratio", "Hit ratio", cell => cell.HitRatio, true),
        new("origin", "Origin asked", cell => cell.OriginRequests, false),
    ];

    public static HeatMeasure Of(string? name) => Array.Find(All, measure => measure.Name == name) ?? All[0];

    public string Words(HeatCell cell) => IsShare ? Show.Percent(Value(cell)) : Show.Count((long)(Value(cell) ?? 0));

    public HeatSquare Square(HeatCell cell, double most, DateTimeOffset end) => new(
        IsShare ? HeatScale.OfShare(Value(cell)) : HeatScale.OfCount(Value(cell) ?? 0, most),
        $"until {Show.Clock(end)}: {Show.Counted(cell.Requests, "request", "requests")}, hit ratio {Show.Percent(cell.HitRatio)}, origin asked {Show.Count(cell.OriginRequests)} times");
}
