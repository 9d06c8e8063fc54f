using CacheGateway.Model;
using CacheGateway.Operations.Alerts;
using CacheGateway.Storage.Redis;

namespace CacheGateway.Hosting;

/// <summary>Everything <c>run</c> can be told, from the command line, the configuration or the environment; already validated.</summary>
public sealed record GatewaySettings
{
    /// <summary>The backend when there is no YARP configuration: absolute http or https URL.</summary>
    public string? Origin { get; init; }

    /// <summary>Sent as Host instead of the client's.</summary>
    public string? OriginHost { get; init; }

    /// <summary>Speak HTTP/2 to the origin without TLS (prior knowledge), as gRPC backends expect.</summary>
    public bool OriginHttp2 { get; init; }

    /// <summary>Longest wait for the first byte of the origin's answer.</summary>
    public TimeSpan OriginTimeout { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>Longest silence of the origin inside an answer.</summary>
    public TimeSpan OriginIdleTimeout { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>Longest wait for a connection to the origin.</summary>
    public TimeSpan OriginConnectTimeout { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>Requests under way to one destination; beyond it a request is answered 503 at once, or stale where that is allowed.</summary>
    public int OriginRequests { get; init; } = 1024;

    /// <summary>How long a destination that gave no answers is left alone.</summary>
    public TimeSpan OriginPause { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>Connections of clients at once; null = as many as the file descriptors are enough for, at most 20,000.</summary>
    public int? MaxConnections { get; init; }

    /// <summary>Largest header section of a request, in bytes; beyond it 431. And largest request line; beyond it 414.</summary>
    public int MaxHeaderBytes { get; init; } = 32 * 1024;

    /// <summary>Largest body of a request, in bytes; beyond it 413. Null = no limit.</summary>
    public long? MaxBodyBytes { get; init; }

    /// <summary>Fetches under way at once whose answers may be shared; beyond it requests go on their own.</summary>
    public int MaxFills { get; init; } = 512;

    /// <summary>Requests that wait for the answer to one key at once; beyond it 503.</summary>
    public int MaxWaiters { get; init; } = 5000;

    /// <summary>From SIGTERM to the last answer under way.</summary>
    public TimeSpan Drain { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>Pass 102 and 103 of HTTP/1.1 origins on to HTTP/1.1 clients.</summary>
    public bool InterimResponses { get; init; } = true;

    public string[] Urls { get; init; } = ["http://127.0.0.1:8080"];

    /// <summary>Further cleartext listeners that speak HTTP/2 only (prior knowledge).</summary>
    public string[] H2cUrls { get; init; } = [];

    /// <summary>The admin listener; empty = none.</summary>
    public string[] AdminUrls { get; init; } = [];

    /// <summary>
    /// Bearer token of the admin listener; null = none is asked for, which is allowed while every admin address is a loopback one: whoever is
    /// on the machine may then do everything.
    /// </summary>
    public string? AdminToken { get; init; }

    /// <summary>When the alerts speak.</summary>
    public AlertSettings Alerts { get; init; } = new();

    /// <summary>Names, beside IP addresses and "localhost", by which the admin listener may be called.</summary>
    public string[] AdminHosts { get; init; } = [];

    public CacheProfile Profile { get; init; } = CacheProfile.Safe;

    /// <summary>policies.json; null = the transparent cache for every path.</summary>
    public string? PoliciesFile { get; init; }

    /// <summary>YARP routes and clusters (JSON, section ReverseProxy); null = one route to <see cref="Origin"/>.</summary>
    public string? ConfigFile { get; init; }

    /// <summary>Budget of the memory tier in bytes, unfinished fills included.</summary>
    public long MemoryBytes { get; init; } = 256L * 1024 * 1024;

    public string Node { get; init; } = Environment.MachineName;

    /// <summary>Host names that are served; empty = all. Any other is answered 421.</summary>
    public string[] Hosts { get; init; } = [];

    /// <summary>Fields that speak to this cache before Cache-Control does (RFC 9213), the most specific first.</summary>
    public string[] TargetedFields { get; init; } = Pipeline.TargetedFields.Usual;

    /// <summary>Whether Cache-Status names the key of what was looked for, redacted (RFC 9211 2.7).</summary>
    public bool CacheStatusKey { get; init; }

    /// <summary>CACHE_ENABLED: false forwards everything.</summary>
    public bool CacheEnabled { get; init; } = true;

    /// <summary>CACHE_DEFAULT_TTL: lifetime of the transparent cache for responses without explicit freshness; null = RFC 9111 only.</summary>
    public TimeSpan? DefaultTtl { get; init; }

    /// <summary>CACHE_VERSION: part of every key; raising it abandons everything stored before.</summary>
    public string CacheVersion { get; init; } = "1";

    /// <summary>Longest time without word from Redis that stored responses are still served unvalidated.</summary>
    public TimeSpan MaxBlind { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>Whether an empty Redis may have lost its data, so that gateways nobody remembers are waited for; otherwise it is a first start.</summary>
    public bool EmptyRedisIsLoss { get; init; }

    /// <summary>CACHE_MONITORING_ENABLED: false takes away <c>/metrics</c>; what the API and the dashboard show stays.</summary>
    public bool Monitoring { get; init; } = true;

    /// <summary>CACHE_WARMING_ENABLED: fetch at start what policies list and what was popular before, and record what is popular.</summary>
    public bool Warming { get; init; }

    /// <summary>Where popular keys are recorded; null = in Redis, and nowhere without it.</summary>
    public string? WarmingFile { get; init; }

    /// <summary>Most refreshes a second of hot responses before they expire, on this node; 0 = none.</summary>
    public int RefreshAhead { get; init; } = 20;

    /// <summary>Share of this node's entries (0.5 = half) above which the admin API wants <c>"confirm": true</c>; 0 = never.</summary>
    public double ConfirmAbove { get; init; }

    /// <summary>Public path that takes signed webhooks; null = none.</summary>
    public string? WebhookPath { get; init; }

    /// <summary>Secrets of webhooks, any of which may sign: raw text, or base64 after "whsec_".</summary>
    public string[] WebhookSecrets { get; init; } = [];

    /// <summary>Stream and channel on which backends publish events.</summary>
    public string EventsChannel { get; init; } = "cachegateway:events";

    /// <summary>Separates two deployments that share one Redis.</summary>
    public string DeploymentId { get; init; } = "default";

    /// <summary>The shared tier behind memory; null = memory only.</summary>
    public RedisSettings? Redis { get; init; }

    /// <summary>What was given and has no effect, for whoever starts the gateway.</summary>
    public IReadOnlyList<string> Warnings { get; init; } = [];

    /// <summary>Oldest .NET runtime that is not warned about.</summary>
    public Version MinimumRuntime { get; init; } = new(10, 0, 13);
}
