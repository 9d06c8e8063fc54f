namespace CacheGateway.Dashboard.Charts;

/// <param name="Shade">0 to 6, see <see cref="HeatScale"/>.</param>
/// <param name="Words">What a person reads who points at it.</param>
public sealed record HeatSquare(int Shade, string Words);
