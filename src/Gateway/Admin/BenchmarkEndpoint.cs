using System.ComponentModel.DataAnnotations;
using CacheGateway.Operations;

namespace CacheGateway.Admin;

/// <summary><c>POST /api/v2/cache/benchmark/{policy}</c>: a bounded comparison of cached and uncached for one URL. It loads the origin, so it is no GET.</summary>
internal static class BenchmarkEndpoint
{
    private const int Usual = 20;

    public static async Task HandleAsync(HttpContext context, string policy, PolicyBenchmark benchmark)
    {
        if (await StrictJson.ReadAsync<BenchmarkRequest>(context) is not { } asked)
        {
            return;
        }

        if (asked.Url is { } url && !IsPath(url))
        {
            await Problem.WriteAsync(context, StatusCodes.Status400BadRequest, "url is a path with query on this gateway", "Write it like /api/products?page=1");
            return;
        }

        if (asked.Requests is < 1 or > PolicyBenchmark.MostRequests)
        {
            await Problem.WriteAsync(context, StatusCodes.Status400BadRequest, $"requests must be 1 to {PolicyBenchmark.MostRequests}");
            return;
        }

        var answer = await benchmark.RunAsync(policy, asked.Url, asked.Requests ?? Usual, context.RequestAborted);
        if (answer.Error is { } error)
        {
            await Problem.WriteAsync(context, answer.IsRefused ? StatusCodes.Status400BadRequest : StatusCodes.Status409Conflict, "Nothing was measured", error);
            return;
        }

        await context.Response.WriteAsJsonAsync(answer, context.RequestAborted);
    }

    /// <summary>Never another host, however it is written.</summary>
    private static bool IsPath(string url) =>
        url is ['/', .. var rest] && rest is not (['/', ..] or ['\\', ..]) && url.Length <= 8192 && url.AsSpan().IndexOfAnyExceptInRange('!', '~') < 0
        && !url.Contains('\\', StringComparison.Ordinal) && !url.Contains('#', StringComparison.Ordinal);
}

/// <param name="Url">A path with query on this gateway; the busiest of the policy otherwise.</param>
/// <param name="Requests">On each side, 1 to 100; 20 otherwise.</param>
internal sealed record BenchmarkRequest(string? Url, [property: Range(1, PolicyBenchmark.MostRequests)] int? Requests);
