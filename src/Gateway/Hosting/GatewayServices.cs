using System.Text.Json;
using System.Text.Json.Serialization;
using CacheGateway.Admin;
using CacheGateway.Diagnostics;
using CacheGateway.Diagnostics.Traffic;
using CacheGateway.Invalidation;
using CacheGateway.Invalidation.Events;
using CacheGateway.Invalidation.Redis;
using CacheGateway.Invalidation.Webhooks;
using CacheGateway.Operations;
using CacheGateway.Operations.Alerts;
using CacheGateway.Operations.Explaining;
using CacheGateway.Pipeline;
using CacheGateway.Pipeline.Resilience;
using CacheGateway.Policies;
using CacheGateway.Storage;
using CacheGateway.Storage.Redis;
using CacheGateway.Warming;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Yarp.ReverseProxy;

namespace CacheGateway.Hosting;

/// <summary>What each folder brings as services: one Add for each, everything replaceable before the application is built.</summary>
internal static class GatewayServices
{
    public static void AddDiagnostics(this IServiceCollection services)
    {
        services.TryAddSingleton<GatewayMetrics>();
        services.TryAddSingleton<MetricsText>();
        services.TryAddSingleton<TrafficRecorder>();
        services.TryAddSingleton<GatewayGauges>();
        services.TryAddSingleton<DrainState>();
        services.TryAddSingleton<ConfigurationState>();
    }

    public static void AddPolicies(this IServiceCollection services, GatewaySettings settings)
    {
        if (settings.PoliciesFile is { } file)
        {
            services.TryAddSingleton<IPolicySource>(provider => new PolicyFile(
                file, provider.GetRequiredService<TimeProvider>(), provider.GetRequiredService<ILogger<PolicyFile>>()));
        }
        else
        {
            services.TryAddSingleton<IPolicySource>(new FixedPolicies(CachePolicyTable.Empty));
        }
    }

    public static void AddStorage(this IServiceCollection services, GatewaySettings settings)
    {
        services.TryAddSingleton(_ => new MemoryTier(settings.MemoryBytes));
        services.TryAddSingleton(provider => new FillBudget(provider.GetRequiredService<MemoryTier>(), provider.GetRequiredService<GatewayLimits>().InFlightShare));
        services.TryAddSingleton<TieredStore>();
        services.TryAddSingleton(ProcessMemory.Real);
        services.TryAddSingleton<MemoryPressure>();
        services.TryAddSingleton(provider => new TagEpochs(provider.GetRequiredService<TimeProvider>()) { MaxBlind = settings.MaxBlind });
    }

    public static void AddRedis(this IServiceCollection services, GatewaySettings settings)
    {
        if (settings.Redis is not { } redis)
        {
            return;
        }

        services.TryAddSingleton(redis);
        services.TryAddSingleton(new RedisLimits { MaxCalls = redis.MaxCalls });
        services.TryAddSingleton<RedisConnection>();
        services.TryAddSingleton<IRedisLink>(provider => provider.GetRequiredService<RedisConnection>());
        services.TryAddSingleton<RedisGuards>();
        services.TryAddSingleton(provider => Guard(provider, provider.GetRequiredService<RedisLimits>()));
        services.TryAddSingleton<IRedisCalls>(provider => provider.GetRequiredService<RedisGuard>());
        services.TryAddSingleton(provider =>
        {
            var clock = new RedisClock();
            provider.GetRequiredService<RedisConnection>().Connected += clock.Doubt;
            return clock;
        });
        services.TryAddSingleton<BodyNames>();
        services.TryAddSingleton(provider => Incarnation.Of(provider.GetRequiredService<TagEpochs>()));
        services.TryAddSingleton(new EntryName(settings.DeploymentId));
        services.TryAddSingleton(new StoredResponseCodec(redis.SigningKey, redis.OtherSigningKeys));
        services.TryAddSingleton<EntryReader>();
        services.TryAddSingleton<RedisTier>();
        services.TryAddSingleton<RedisWrites>();
        services.AddHostedService(provider => provider.GetRequiredService<RedisWrites>());
    }

    public static void AddInvalidation(this IServiceCollection services, GatewaySettings settings)
    {
        services.TryAddSingleton(new NodeName(settings.Node));
        services.TryAddSingleton<Invalidator>();
        services.TryAddSingleton<InvalidationPreview>();
        services.AddHostedService<AbandonedPolicies>();
        services.TryAddSingleton<EventScopes>();
        services.TryAddSingleton<EventRelay>();
        if (settings.WebhookPath is { } path)
        {
            services.TryAddSingleton(new WebhookOptions(path, settings.WebhookSecrets));
            services.TryAddSingleton<SourceLimit>();
        }

        if (settings.Redis is null)
        {
            services.TryAddSingleton<AuditMemory>();
            services.TryAddSingleton<IInvalidationAudit>(provider => provider.GetRequiredService<AuditMemory>());
            services.TryAddSingleton<IInvalidationBus, LocalInvalidationBus>();
            return;
        }

        services.TryAddSingleton(new BusLimits { EmptyIsLoss = settings.EmptyRedisIsLoss });
        services.TryAddSingleton(new FenceKeys(settings.DeploymentId));
        services.TryAddSingleton<BusMetrics>();
        services.TryAddSingleton<FenceReplica>();
        services.TryAddSingleton(provider => new FenceChannel(
            provider.GetRequiredService<IRedisLink>(), BusGuard(provider), provider.GetRequiredService<FenceKeys>(),
            provider.GetRequiredService<BusLimits>(), provider.GetRequiredService<NodeName>()));
        services.TryAddSingleton<IInvalidationAudit>(provider => new AuditStream(
            BusGuard(provider), provider.GetRequiredService<FenceKeys>(), provider.GetRequiredService<BusLimits>()));
        services.TryAddSingleton(provider => new ReplicaWait(
            provider.GetRequiredService<RedisSettings>(), BusGuard(provider), provider.GetRequiredService<FenceKeys>(), provider.GetRequiredService<BusLimits>(),
            provider.GetRequiredService<TimeProvider>()));
        services.TryAddSingleton<RedisInvalidationBus>();
        services.TryAddSingleton<IInvalidationBus>(provider => provider.GetRequiredService<RedisInvalidationBus>());
        services.AddHostedService(provider => provider.GetRequiredService<RedisInvalidationBus>());
        services.TryAddSingleton(new EventChannelName(settings.EventsChannel));
        services.TryAddSingleton(provider => new EventStream(
            BusGuard(provider), provider.GetRequiredService<FenceKeys>(), provider.GetRequiredService<BusLimits>(), settings.EventsChannel));
        services.AddHostedService<EventConsumer>();
    }

    /// <summary>A guard of the bus's own: it opens sooner, tries again sooner, and nothing that happens to responses opens it.</summary>
    private static RedisGuard BusGuard(IServiceProvider provider) => Guard(provider, new RedisLimits { FailuresInRow = 3, Pause = TimeSpan.FromMilliseconds(500) });

    private static RedisGuard Guard(IServiceProvider provider, RedisLimits limits) => provider.GetRequiredService<RedisGuards>().Add(
        new RedisGuard(provider.GetRequiredService<RedisConnection>(), limits, provider.GetRequiredService<GatewayMetrics>(), provider.GetRequiredService<TimeProvider>()));

    public static void AddPipeline(this IServiceCollection services, GatewaySettings settings)
    {
        services.TryAddSingleton(new GatewayLimits { MaxFills = settings.MaxFills, MaxWaiters = settings.MaxWaiters });
        services.TryAddSingleton(new OriginLimits
        {
            FirstByte = settings.OriginTimeout,
            BetweenBytes = settings.OriginIdleTimeout,
            MaxRequests = FileLimits.OriginRequests(settings.OriginRequests, FileLimits.Descriptors()),
            BreakerPause = settings.OriginPause,
        });
        services.TryAddSingleton<DestinationGuards>();
        services.TryAddSingleton<AttemptOutcome>();
        services.TryAddSingleton(provider => new DefaultPolicy(
            settings.PoliciesFile is null ? DefaultPolicy.Transparent(settings.Profile, settings.DefaultTtl, provider.GetRequiredService<GatewayLimits>()) : null,
            settings.CacheEnabled));
        var targeted = new TargetedFields(settings.TargetedFields);
        services.TryAddSingleton(targeted);
        services.TryAddSingleton(new KeyBuilder($"{settings.DeploymentId}.{settings.CacheVersion}{targeted.KeyPart}"));
        services.TryAddSingleton<RequestKeying>();
        services.TryAddSingleton<PublicRoutes>();
        services.TryAddSingleton<RefusedResponses>();
        services.TryAddSingleton<UncacheableMemory>();
        services.TryAddSingleton<FillGate>();
        services.TryAddSingleton<UnstoredAnswers>();
        services.TryAddSingleton<RefreshFigures>();
        services.TryAddSingleton<ResponseAdmission>();
        services.TryAddSingleton<OriginFetch>();
        services.TryAddSingleton<OriginRoundTrip>();
        services.TryAddSingleton<OriginFailureLog>();
        services.TryAddSingleton<PassThrough>();
        services.TryAddSingleton<LateRaises>();
        services.TryAddSingleton<UnsafeRequests>();
        services.TryAddSingleton(provider => new RefreshBudget(settings.RefreshAhead, provider.GetRequiredService<TimeProvider>()));
        services.TryAddSingleton<BackgroundRefresher>();
        services.TryAddSingleton(new StatusKey(settings.CacheStatusKey));
        services.TryAddSingleton<ResponseSender>();
        services.TryAddSingleton<Shortcuts>();
        services.TryAddSingleton<LoopGuard>();
        services.TryAddSingleton(new ServedHosts(settings.Hosts));
    }

    public static void AddWarming(this IServiceCollection services, GatewaySettings settings)
    {
        services.TryAddSingleton(provider => new ServedAuthorities(
            settings.Hosts, () => PublicAddresses(provider.GetRequiredService<IServer>(), settings), provider.GetRequiredService<IPolicySource>(), provider.GetRequiredService<IProxyStateLookup>()));
        services.TryAddSingleton<WarmTargetReader>();
        services.TryAddSingleton<Warmer>();
        services.TryAddSingleton<WarmMetrics>();
        services.TryAddSingleton<WarmPlanner>();
        services.TryAddSingleton<Popularity>();
        services.TryAddSingleton<WarmJobs>();
        services.AddHostedService(provider => provider.GetRequiredService<WarmJobs>());
        services.AddHostedService<ClearedWarming>();
        if (!settings.Warming)
        {
            return;
        }

        if (settings.WarmingFile is { } file)
        {
            services.TryAddSingleton<IPopularityStore>(provider => new PopularityFile(file, provider.GetRequiredService<ILogger<PopularityFile>>()));
        }
        else if (settings.Redis is not null)
        {
            services.TryAddSingleton<IPopularityStore>(provider => new PopularityInRedis(
                provider.GetRequiredService<RedisGuard>(), settings.DeploymentId, provider.GetRequiredService<ILogger<PopularityInRedis>>()));
        }

        services.AddHostedService<StartWarming>();
    }

    /// <summary>As bound, so with the ports that the system chose; those of the admin listener stand last.</summary>
    internal static Uri[] PublicAddresses(IServer server, GatewaySettings settings) =>
        [.. (server.Features.Get<IServerAddressesFeature>()?.Addresses ?? []).SkipLast(settings.AdminUrls.Length).Select(address => new Uri(address))];

    public static void AddOperations(this IServiceCollection services, GatewaySettings settings)
    {
        services.TryAddSingleton(settings.Alerts);
        services.TryAddSingleton<LiveFeed>();
        services.AddHostedService<LiveSources>();
        services.TryAddSingleton<GatewayFactReader>();
        services.TryAddSingleton<AlertBoard>();
        services.TryAddSingleton<NodeWarnings>();
        services.TryAddSingleton<HealthView>();
        services.TryAddSingleton<PerformanceReport>();
        services.TryAddSingleton(provider => new PolicyLines(provider.GetRequiredService<IPolicySource>(), settings.PoliciesFile));
        services.TryAddSingleton<Explainer>();
        services.TryAddSingleton(provider => new PolicyBenchmark(
            provider.GetRequiredService<TrafficRecorder>(), provider.GetRequiredService<IServer>(), provider.GetRequiredService<PublicRoutes>(), provider.GetRequiredService<RequestKeying>(),
            provider.GetRequiredService<IPolicySource>(), provider.GetRequiredService<DefaultPolicy>(), settings.Urls.Length));
        services.TryAddSingleton<TrafficView>();
        services.TryAddSingleton<TopView>();
        services.TryAddSingleton<AuditView>();
        services.TryAddSingleton<HeatMap>();
        services.TryAddSingleton<EntryList>();
        services.TryAddSingleton<PolicyView>();
    }

    public static void AddAdmin(this IServiceCollection services, GatewaySettings settings)
    {
        services.AddRouting();
        services.AddOpenApi(description => description.AddDocumentTransformer<ApiDescription>().AddOperationTransformer((operation, context, _) => ApiRefusals.DescribeRetryAfterAsync(operation, context)));
        services.ConfigureHttpJsonOptions(json => json.SerializerOptions.Converters.Add(new JsonStringEnumConverter(JsonNamingPolicy.CamelCase)));
        services.TryAddSingleton(new AdminOptions(settings.AdminToken, settings.AdminHosts, settings.Monitoring));
        services.TryAddSingleton<AdminToken>();
        services.TryAddSingleton<AdminSession>();
        services.TryAddSingleton<AdminAccess>();
        services.TryAddSingleton<CostlyPlaces>();
        services.TryAddSingleton<InvalidationWarnings>();
        services.TryAddSingleton<IScopeDoubts>(provider => provider.GetRequiredService<InvalidationWarnings>());
        services.TryAddSingleton<InvalidateEndpoint>();
        services.TryAddSingleton<EventEndpoint>();
        services.TryAddSingleton<LiveEndpoint>();
        services.TryAddSingleton<WarmEndpoint>();
        services.TryAddSingleton(new InvalidateOptions(settings.ConfirmAbove));
    }
}
