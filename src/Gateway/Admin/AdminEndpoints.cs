using CacheGateway.Diagnostics;
using CacheGateway.Diagnostics.Traffic;
using CacheGateway.Invalidation;
using CacheGateway.Operations;
using CacheGateway.Operations.Alerts;
using CacheGateway.Operations.Explaining;
using CacheGateway.Warming;
using Microsoft.AspNetCore.Http.Features;

namespace CacheGateway.Admin;

/// <summary>Everything on the admin listener but the dashboard's pages. What changes something is a POST; a GET, or a HEAD, never does.</summary>
internal static class AdminEndpoints
{
    public const string Root = "/api/v2/cache";

    private const string Json = "application/json";

    /// <summary>Probes and those who look first ask with HEAD.</summary>
    private static readonly string[] Reads = [HttpMethods.Get, HttpMethods.Head];

    private const int MostOfAList = 200;
    private const int MostPages = 100_000;
    private const int MostPoints = 288;

    /// <summary>Seconds.</summary>
    private const int MostWindow = 86_400;
    private const int MostStep = 3600;

    public static void MapAdminApi(this IEndpointRouteBuilder endpoints)
    {
        endpoints.MapOpenApi($"{Root}/openapi.json").WithMetadata(new HttpMethodMetadata(Reads));
        endpoints.MapMethods("/healthz", Reads, (HttpContext context, NodeWarnings warnings, AdminAccess access) => Probe(context, warnings, access)).WithSummary("The process answers.");
        endpoints.MapMethods("/readyz", Reads, (HttpContext context, DrainState drain, NodeWarnings warnings, AdminAccess access) => drain.IsDraining
            ? Results.Problem("This gateway is going away", statusCode: StatusCodes.Status503ServiceUnavailable)
            : Results.Text(Probe(context, warnings, access))).Produces<string>(contentType: "text/plain").ProducesProblem(StatusCodes.Status503ServiceUnavailable).WithSummary("The gateway takes traffic.");
        endpoints.MapMethods("/metrics", Reads, (HttpContext context, MetricsText metrics, AdminOptions options) => options.Monitoring
            ? metrics.WriteAsync(context)
            : Problem.WriteAsync(context, StatusCodes.Status404NotFound, "Metrics are switched off", "CACHE_MONITORING_ENABLED=false does that")).WithSummary("All instruments in the Prometheus text format.");

        var api = endpoints.MapGroup(Root);
        ((IEndpointConventionBuilder)api).Finally(ApiRefusals.Describe);
        api.MapPost("/invalidate", (HttpContext context, InvalidateEndpoint invalidate) => invalidate.HandleAsync(context))
            .Accepts<InvalidateRequest>(Json).Produces<InvalidationReceipt>().Produces<InvalidationReceipt>(StatusCodes.Status202Accepted).ProducesProblem(StatusCodes.Status400BadRequest).ProducesProblem(StatusCodes.Status409Conflict)
            .WithSummary("Invalidates by tags, URLs, prefixes, policies, or all.")
            .WithDescription("With dryRun nothing is invalidated, and 200 has no receipt: it has dryRun (true), node, count of the entries on that node which would be hit, its entries, ten examples of those hit, and warnings as a receipt has them.");
        api.MapPost("/events", (HttpContext context, EventEndpoint events) => events.HandleAsync(context))
            .Accepts<EventRequest>(Json).Produces<InvalidationReceipt>().Produces<InvalidationReceipt>(StatusCodes.Status202Accepted).ProducesProblem(StatusCodes.Status400BadRequest).ProducesProblem(StatusCodes.Status404NotFound)
            .WithSummary("Takes an event of the backend and invalidates what its rule names.")
            .WithDescription("Where a rule names the event and its data says that there is nothing to invalidate (an empty list), there is no receipt: the answer has ignored (true).");
        api.MapMethods("/metrics", Reads, (double? window, TrafficView traffic) => traffic.Read(Window(window)))
            .TakesSeconds("window", MostWindow).WithSummary("What was served, by policy and level; of the last window seconds, or since the start.");
        api.MapMethods("/top", Reads, (int? limit, TopView top) => top.Read(Limit(limit, 20)))
            .TakesNumber("limit", MostOfAList).WithMetadata(CostlyMark.Here).WithSummary("The keys that weigh most: by requests, misses and bytes.");
        api.MapMethods("/heatmap", Reads, (double? step, int? points, HeatMap heat) => heat.Read(TimeSpan.FromSeconds(Math.Clamp(step ?? 60, 5, MostStep)), Math.Clamp(points ?? 30, 1, MostPoints)))
            .TakesSeconds("step", MostStep).TakesNumber("points", MostPoints).WithMetadata(CostlyMark.Here).WithSummary("Hits by policy and time, and by a hash of the key.");
        api.MapMethods("/entries", Reads, (string? policy, string? tag, string? prefix, int? page, int? size, EntryList entries) => entries.Read(new EntryFilter(policy, tag, prefix), Math.Clamp(page ?? 1, 1, MostPages), Limit(size, 50)))
            .TakesNumber("page", MostPages).TakesNumber("size", MostOfAList).WithMetadata(CostlyMark.Here, new QueryNames("policy", "tag", "prefix", "page", "size")).WithSummary("What this node's memory holds, a page at a time.");
        api.MapMethods("/tags/{**tag}", Reads, (HttpContext context, string tag, EntryList entries) => entries.ReadTag(TagOf(context) ?? tag))
            .WithMetadata(CostlyMark.Here).WithSummary("What carries a tag on this node, and what an invalidation of it raises.");
        api.MapMethods("/health", Reads, (HealthView health) => health.ReadAsync()).WithSummary("How this node is: Redis, bus, epoch, memory, origin, alerts.");
        api.MapMethods("/alerts", Reads, (AlertBoard alerts) => new AlertLists(alerts.Firing, alerts.Ended)).WithSummary("Alerts that fire, and those that ended lately.");
        api.MapMethods("/performance-report", Reads, (double? period, PerformanceReport report) => report.Read(Window(period) ?? TimeSpan.FromMinutes(15)))
            .Takes(new QueryNumber("period", TrafficHistory.LongestPeriod.TotalSeconds, IsTime: true, Beyond: "More is not kept: it is compared with as much before it")).WithMetadata(CostlyMark.Here).WithSummary("A period beside the one before, cached beside uncached, and what would help.");
        api.MapPost("/explain", ExplainEndpoint.HandleAsync)
            .Accepts<ExplainQuestion>(Json).Produces<ExplainAnswer>().ProducesProblem(StatusCodes.Status400BadRequest)
            .WithMetadata(CostlyMark.Here).WithSummary("Why a request is answered as it is, step by step, and what would change that.");
        api.MapPost("/benchmark/{policy}", BenchmarkEndpoint.HandleAsync)
            .Accepts<BenchmarkRequest>(Json).Produces<BenchmarkAnswer>().ProducesProblem(StatusCodes.Status400BadRequest).ProducesProblem(StatusCodes.Status409Conflict)
            .WithSummary("One URL of a policy, through the gateway and straight at the origin.");
        api.MapMethods("/audit", Reads, AuditEndpoint.HandleAsync)
            .Produces<AuditAnswer>().ProducesProblem(StatusCodes.Status503ServiceUnavailable).TakesNumber("limit", MostOfAList).WithSummary("Who invalidated what, when and why, the newest first.");
        api.MapGet("/events", (HttpContext context, LiveEndpoint live) => live.HandleAsync(context))
            .Produces<string>(contentType: "text/event-stream").ProducesProblem(StatusCodes.Status503ServiceUnavailable).WithMetadata(new RetryAfterMark(StatusCodes.Status503ServiceUnavailable))
            .WithSummary("What happens, as server-sent events.");
        api.MapPost("/warm-cache", (HttpContext context, WarmEndpoint warm) => warm.StartAsync(context))
            .Accepts<WarmOrder>(Json).Produces<WarmProgress>(StatusCodes.Status202Accepted).ProducesProblem(StatusCodes.Status400BadRequest).ProducesProblem(StatusCodes.Status429TooManyRequests)
            .WithMetadata(new RetryAfterMark(StatusCodes.Status429TooManyRequests))
            .WithSummary("Fetches URLs, policies or popular keys before clients ask; answers with a job.");
        api.MapMethods("/warm-cache", Reads, (WarmEndpoint warm) => warm.All()).WithSummary("The warm-ups of this process, the newest first.");
        api.MapMethods("/warm-cache/{id}", Reads, (HttpContext context, string id, WarmEndpoint warm) => warm.ReadAsync(context, id))
            .Produces<WarmProgress>().ProducesProblem(StatusCodes.Status404NotFound).WithSummary("How far a warm-up is.");
        api.MapPost("/warm-cache/{id}/cancel", (HttpContext context, string id, WarmEndpoint warm) => warm.CancelAsync(context, id))
            .WithMetadata(NoContentMark.Here).Produces<WarmProgress>().ProducesProblem(StatusCodes.Status404NotFound).WithSummary("Starts nothing more of a warm-up.");
        api.MapMethods("/policies", Reads, (PolicyView policies) => policies.ReadWritten()).WithSummary("The policies in force, and what is wrong with the file as it stands.");
    }

    /// <summary>A tag may hold slashes, written as they are or as %2F, which routing leaves as it came; and percent signs.</summary>
    private static string? TagOf(HttpContext context) =>
        context.Features.GetRequiredFeature<IHttpRequestFeature>().RawTarget.Split('?')[0] is var path && path.IndexOf("/tags/", StringComparison.OrdinalIgnoreCase) is >= 0 and var at
            ? Uri.UnescapeDataString(path[(at + "/tags/".Length)..])
            : null;

    /// <summary>A gateway that is cut off from Redis still serves: that is a warning and no failure. What warnings quote is for who has the token and calls it by a host of its own (against DNS rebinding); anybody learns that there are some.</summary>
    private static string Probe(HttpContext context, NodeWarnings warnings, AdminAccess access) => warnings.Now is not { Count: > 0 } now ? "ok\n"
        : access.IsOpenTo(context.Request) && access.IsOwnHost(context.Request) ? string.Concat(now.Select(warning => $"warning: {warning}\n").Prepend("ok\n"))
        : $"ok\nwarning: {now.Count}; GET {Root}/health says which to who has the token\n";

    internal static int Limit(int? asked, int otherwise) => Math.Clamp(asked ?? otherwise, 1, MostOfAList);

    private static RouteHandlerBuilder TakesSeconds(this RouteHandlerBuilder endpoint, string name, int most) => endpoint.Takes(new QueryNumber(name, most, IsTime: true));

    private static RouteHandlerBuilder TakesNumber(this RouteHandlerBuilder endpoint, string name, int most) => endpoint.Takes(new QueryNumber(name, most, IsTime: false));

    private static RouteHandlerBuilder Takes(this RouteHandlerBuilder endpoint, QueryNumber number) => endpoint.WithMetadata(number).ProducesProblem(StatusCodes.Status400BadRequest);

    private static TimeSpan? Window(double? seconds) => seconds is { } given ? TimeSpan.FromSeconds(Math.Clamp(given, 5, MostWindow)) : null;
}
