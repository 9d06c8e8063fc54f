namespace CacheGateway.Dashboard.Charts;

/// <summary>One line or layer of a chart.</summary>
/// <param name="Name">In legend and table.</param>
/// <param name="Tone">Its colour's name in the style sheet, as in "memory" for tone-memory.</param>
/// <param name="Values">One for each moment; null where nothing was measured.</param>
public sealed record ChartSeries(string Name, string Tone, IReadOnlyList<double?> Values);
