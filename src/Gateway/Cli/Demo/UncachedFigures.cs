namespace CacheGateway.Cli.Demo;

/// <summary>An endpoint without the cache, in milliseconds (medians) and database queries for each request.</summary>
/// <param name="Milliseconds">As a client saw it.</param>
/// <param name="DatabaseMs">The database's own part.</param>
/// <param name="DelayMs">The part that was added to take as long as the documented system did.</param>
/// <param name="Queries">Database queries of one request.</param>
internal sealed record UncachedFigures(double Milliseconds, double DatabaseMs, double DelayMs, double Queries);
