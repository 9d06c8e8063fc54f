using System.Text.Json;
using System.Text.Json.Serialization;
using CacheGateway.Warming;

namespace CacheGateway.Admin;

/// <summary>
/// <c>/api/v2/cache/warm-cache</c>: an order becomes a job (202, with its id), which can be watched and cancelled. Nothing in an order can lead a
/// request to a place that clients could not reach through this gateway.
/// </summary>
internal sealed class WarmEndpoint(WarmPlanner planner, WarmJobs jobs)
{
    /// <summary>Room for all the targets that one job may have.</summary>
    private const int MaxBody = 8 * 1024 * 1024;

    private static readonly JsonSerializerOptions Json = new(StrictJson.Options)
    {
        RespectNullableAnnotations = true,
        Converters = { new JsonStringEnumConverter(JsonNamingPolicy.CamelCase) },
    };

    public IReadOnlyList<WarmProgress> All() => jobs.All;

    public async Task StartAsync(HttpContext context)
    {
        if (await StrictJson.ReadAsync<WarmOrder>(context, Json, MaxBody) is not { } order)
        {
            return;
        }

        if (order.Urls.Contains(null!) || order.Policies.Contains(null!))
        {
            await Problem.WriteAsync(context, StatusCodes.Status400BadRequest, "The body is not a valid warm-up", "null stands where a text belongs");
            return;
        }

        var plan = planner.Plan(order);
        if (plan.Errors.Count > 0)
        {
            await Problem.WriteAsync(context, StatusCodes.Status400BadRequest, "The warm-up is not valid", string.Join("; ", plan.Errors));
            return;
        }

        if (jobs.Start("api", plan.Targets, order.Concurrency, order.RatePerSecond) is not { } job)
        {
            context.Response.Headers.RetryAfter = "5";
            await Problem.WriteAsync(context, StatusCodes.Status429TooManyRequests, $"{WarmJobs.MostRunning} warm-ups are running", "Wait for one to end, or cancel one");
            return;
        }

        context.Response.StatusCode = StatusCodes.Status202Accepted;
        context.Response.Headers.Location = $"/api/v2/cache/warm-cache/{job.Id}";
        await context.Response.WriteAsJsonAsync(job.Progress, Json, context.RequestAborted);
    }

    public Task ReadAsync(HttpContext context, string id) => AnswerAsync(context, jobs.Find(id));

    public Task CancelAsync(HttpContext context, string id)
    {
        var job = jobs.Find(id);
        job?.Cancel();
        return AnswerAsync(context, job);
    }

    private static Task AnswerAsync(HttpContext context, WarmJob? job) =>
        job is null
            ? Problem.WriteAsync(context, StatusCodes.Status404NotFound, "There is no such warm-up", "It may have ended long ago, or with a former process")
            : context.Response.WriteAsJsonAsync(job.Progress, Json, context.RequestAborted);
}
