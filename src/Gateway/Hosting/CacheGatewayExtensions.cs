using CacheGateway.Admin;
using CacheGateway.Dashboard;
using CacheGateway.Diagnostics;
using CacheGateway.Framing;
using CacheGateway.Invalidation.Webhooks;
using CacheGateway.Operations.Alerts;
using CacheGateway.Pipeline;
using CacheGateway.Pipeline.Resilience;
using CacheGateway.Policies;
using CacheGateway.Storage;
using CacheGateway.Warming;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace CacheGateway.Hosting;

/// <summary>The gateway as services and middleware of an application: which parts there are, and in which order a request meets them.</summary>
public static class CacheGatewayExtensions
{
    public static WebApplicationBuilder AddCacheGateway(this WebApplicationBuilder builder, GatewaySettings settings)
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentNullException.ThrowIfNull(settings);
        var services = builder.Services;
        services.TryAddSingleton(TimeProvider.System);
        services.AddSingleton(settings);
        services.TryAddSingleton(new RuntimeFloor(settings.MinimumRuntime));
        services.AddDiagnostics();
        if (Telemetry.IsAskedFor)
        {
            services.AddHostedService(provider => new Telemetry(settings.Node, provider.GetService<OpenTelemetry.Logs.LoggerProvider>()));
            Telemetry.AddLogs(builder.Logging, settings.Node);
        }

        services.AddPolicies(settings);
        services.AddStorage(settings);
        services.AddRedis(settings);
        services.AddInvalidation(settings);
        services.AddPipeline(settings);
        services.AddWarming(settings);
        services.AddOperations(settings);
        services.AddAdmin(settings);
        services.AddHostedService<Drain>();
        services.Configure<HostOptions>(host =>
        {
            host.ShutdownTimeout = settings.Drain;
            // None of them is needed to answer: a mistake in one must not stop the gateway.
            host.BackgroundServiceExceptionBehavior = BackgroundServiceExceptionBehavior.Ignore;
        });
        services.AddDashboard();
        services.TryAddSingleton(provider => DoorOf(provider.GetRequiredService<AdminToken>(), provider.GetRequiredService<AdminSession>(), provider.GetRequiredService<AdminAccess>()));
        services.TryAddSingleton(provider => new PublicAddresses(() => GatewayServices.PublicAddresses(provider.GetRequiredService<IServer>(), settings)));
        services.AddForwarding(builder.Configuration, settings);
        services.ReadKeysWhenNeeded();
        return builder;
    }

    public static WebApplication MapCacheGateway(this WebApplication app, GatewaySettings settings)
    {
        ArgumentNullException.ThrowIfNull(app);
        ArgumentNullException.ThrowIfNull(settings);
        var admin = new Lazy<RequestDelegate>(() => AdminApplication.Build(app.Services, endpoints => endpoints.MapDashboard()));
        app.Use(next => context => !IsAdmin(context) ? next(context) : FramingFeature.IsRequest(context.Features) ? admin.Value(context) : RequestGuard.RefuseMisplacedAsync(context));
        app.Lifetime.ApplicationStarted.Register(() => _ = BuildLaterAsync(admin, app.Lifetime.ApplicationStopping));
        // A hit without anything special needs no more than this; what it answers has been through all of the below once.
        app.UseMiddleware<HitMiddleware>();
        app.UseMiddleware<EventThreadMiddleware>();
        app.UseMiddleware<RequestGuard>();
        if (settings.WebhookPath is not null)
        {
            app.UseMiddleware<WebhookMiddleware>();
        }

        var routes = app.Services.GetRequiredService<PublicRoutes>();
        app.UseRouting();
        UseAuthorizationWhereAsked(app);
        app.MapReverseProxy(proxy =>
        {
            proxy.UseMiddleware<CacheMiddleware>();
            proxy.Use(routes.TakeForward);
            proxy.UseMiddleware<RetryMiddleware>();
            proxy.UseSessionAffinity();
            proxy.UseLoadBalancing();
            proxy.UseMiddleware<DestinationGuardMiddleware>();
        });
        TrackGenerations(app);
        routes.TakeFind(RoutingAlone(app));
        // Counts from the first request on, whenever somebody first asks.
        app.Services.GetRequiredService<MetricsText>();
        app.Services.GetRequiredService<GatewayGauges>().Register();
        // They watch by themselves from now on.
        app.Services.GetRequiredService<AlertBoard>();
        app.Services.GetRequiredService<MemoryPressure>();
        app.Services.GetRequiredService<WarmMetrics>().Register();
        var metrics = app.Services.GetRequiredService<GatewayMetrics>();
        var connections = app.Services.GetRequiredService<Listeners>().Connections;
        metrics.Gauge("cachegateway.connections", "Connections of clients that are open.", () => connections.Open);
        metrics.Gauge("cachegateway.connections.refused", "Connections closed at once, because too many were open.", () => connections.Refused);
        ReloadCounts.AddTo(metrics, app.Services.GetRequiredService<IPolicySource>(), app.Services.GetRequiredService<ConfigurationState>());
        return app;
    }

    /// <summary>
    /// The web application would put authorization in front of everything, where no route is known yet and every request pays for it. It stands behind the
    /// routing here, for routes that name a policy (YARP's <c>AuthorizationPolicy</c>).
    /// </summary>
    private static void UseAuthorizationWhereAsked(IApplicationBuilder app)
    {
        app.Properties["__AuthorizationMiddlewareSet"] = true;
        app.UseWhen(
            static context => context.GetEndpoint()?.Metadata.GetMetadata<IAuthorizeData>() is not null,
            static branch => branch.UseAuthorization());
    }

    /// <summary>
    /// The admin listener's many endpoints take longer to build than all else, and clients of the gateway should not wait for them: they are built when
    /// the first requests have had the processors for a while, or when somebody asks.
    /// </summary>
    private static async Task BuildLaterAsync(Lazy<RequestDelegate> admin, CancellationToken stopping)
    {
        await Task.Delay(TimeSpan.FromSeconds(1), stopping).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        if (!stopping.IsCancellationRequested)
        {
            _ = admin.Value;
        }
    }

    /// <summary>
    /// Keys for protected cookies (session affinity, forms) would be read, or made, at every start, whether anything is ever protected or not. Without
    /// that service they come with the first use.
    /// </summary>
    private static void ReadKeysWhenNeeded(this IServiceCollection services)
    {
        foreach (var early in services.Where(service => service.ImplementationType?.FullName == "Microsoft.AspNetCore.DataProtection.Internal.DataProtectionHostedService").ToList())
        {
            services.Remove(early);
        }
    }

    /// <summary>The route table of the public pipeline without what it leads to: for requests that no listener took.</summary>
    private static RequestDelegate RoutingAlone(WebApplication app)
    {
        var routing = new ApplicationBuilder(app.Services);
        routing.UseRouting();
        routing.Use(_ => PublicRoutes.NoteRoute);
        routing.UseEndpoints(endpoints =>
        {
            foreach (var source in ((IEndpointRouteBuilder)app).DataSources)
            {
                endpoints.DataSources.Add(source);
            }
        });
        return routing.Build();
    }

    /// <summary>Puts a source that tells one state of the routes from the next in the place of the proxy's own.</summary>
    private static void TrackGenerations(WebApplication app)
    {
        var sources = ((IEndpointRouteBuilder)app).DataSources;
        var proxy = sources.Last();
        sources.Remove(proxy);
        var routes = new RouteGenerations(proxy);
        sources.Add(routes);
        app.Services.GetRequiredService<Shortcuts>().Routes = routes;
    }

    /// <summary>The dashboard's sign-in by the rules of the listener it stands behind.</summary>
    private static DashboardDoor DoorOf(AdminToken token, AdminSession session, AdminAccess access) => new(
        token.IsRequired,
        (context, presented) =>
        {
            var isRight = token.Matches(presented);
            if (isRight)
            {
                session.Begin(context);
            }

            return isRight;
        },
        session.End,
        access.IsOpenTo);

    /// <summary>
    /// By the connection's own mark, never by the thread: what an admin request waited for (Redis, an origin) may end on an event thread, and the next request of its connection
    /// begins there.
    /// </summary>
    private static bool IsAdmin(HttpContext context) => context.Features.Get<AdminConnectionFeature>() is not null;
}
