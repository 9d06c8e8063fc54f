using BackendApi.Costs;

namespace BackendApi.Hosting;

/// <summary>Where the numbers of the whole database come from.</summary>
internal interface IDataSource
{
    string Name { get; }

    /// <summary>The database's own statistics, or none.</summary>
    Task<IReadOnlyDictionary<string, object>?> StatisticsAsync(CancellationToken cancellation);
}

/// <summary>What the requests cost, by this program's count and by the database's.</summary>
internal static class StatsApi
{
    public static void MapStats(this IEndpointRouteBuilder routes)
    {
        routes.MapGet("/health", static () => Results.Ok(new { Status = "ok" }));
        routes.MapGet("/stats", ShowAsync);
        routes.MapPost("/stats/reset", static (EndpointStats stats) =>
        {
            stats.Reset();
            return Results.NoContent();
        });
    }

    private static async Task<IResult> ShowAsync(EndpointStats stats, IDataSource source, CancellationToken cancellation)
    {
        var byEndpoint = stats.Read();
        return Results.Ok(new
        {
            Queries = byEndpoint.Values.Sum(endpoint => endpoint.Queries),
            Requests = byEndpoint.Values.Sum(endpoint => endpoint.Requests),
            ByEndpoint = byEndpoint,
            Source = source.Name,
            Database = await source.StatisticsAsync(cancellation),
        });
    }
}
