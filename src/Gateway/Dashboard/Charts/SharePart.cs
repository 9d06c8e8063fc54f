namespace CacheGateway.Dashboard.Charts;

/// <summary>A part of a whole.</summary>
/// <param name="Name">In the legend.</param>
/// <param name="Tone">Its colour's name in the style sheet.</param>
/// <param name="Value">In the same unit as its neighbours.</param>
public sealed record SharePart(string Name, string Tone, double Value);
