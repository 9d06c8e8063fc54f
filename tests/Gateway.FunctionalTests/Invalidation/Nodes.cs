using System.Net.Http.Json;
using System.Security.Cryptography;
using System.Text.Json;
using System.Text.Json.Nodes;
using CacheGateway.FunctionalTests.Redis;
using CacheGateway.Hosting;
using CacheGateway.Invalidation.Redis;
using CacheGateway.Storage.Redis;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using StackExchange.Redis;

namespace CacheGateway.FunctionalTests.Invalidation;

/// <summary>Gateways "a", "b", ... on one real Redis, in front of the origin of the first; on the real clock.</summary>
internal sealed class Nodes : IAsyncDisposable
{
    /// <summary>How long an order waits for all that does not say it itself: not so long that a test hangs, and no matter of how fast the machine is.</summary>
    private const int PatientOrderMs = 15_000;

    private readonly List<GatewayEnvironment> _all = [];

    private readonly RedisServer? _redis;
    private readonly string[] _endPoints;

    private Nodes(RedisServer? redis, string[] endPoints, Func<GatewaySettings, GatewaySettings> settings, string? policies)
    {
        _redis = redis;
        _endPoints = endPoints;
        Settings = settings;
        Policies = policies;
    }

    /// <summary>The server of these nodes alone.</summary>
    public RedisServer Redis => _redis!;

    public GatewayEnvironment A => _all[0];

    public GatewayEnvironment B => _all[1];

    public ScriptedOrigin Origin => A.Origin;

    private Func<GatewaySettings, GatewaySettings> Settings { get; }

    private string? Policies { get; }

    private Action<WebApplicationBuilder> Configure { get; init; } = _ => { };

    /// <summary>What is raised and known is asked in most tests, not how soon: where a machine stands still for a moment, the shipped second is an invalidation that is not durable.</summary>
    public static BusLimits PatientBus { get; } = new() { CallTimeout = TimeSpan.FromSeconds(5), RaiseWait = TimeSpan.FromSeconds(20) };

    /// <summary>For tests of the limits themselves.</summary>
    public static Action<WebApplicationBuilder> ShippedBus { get; } = builder => builder.Services.AddSingleton(new BusLimits());

    public static async Task<Nodes> StartAsync(int count = 2, Func<GatewaySettings, GatewaySettings>? settings = null, string? policies = null, params string[] redis)
    {
        var server = await RedisServer.StartAsync(redis);
        return await new Nodes(server, [server.Address], settings ?? (same => same), policies).WithAsync(count);
    }

    /// <summary>With services of their own.</summary>
    public static async Task<Nodes> StartAsync(int count, Action<WebApplicationBuilder> configure, string? policies = null)
    {
        var server = await RedisServer.StartAsync();
        return await new Nodes(server, [server.Address], same => same, policies) { Configure = configure }.WithAsync(count);
    }

    /// <summary>On a Cluster, which is not theirs.</summary>
    public static Task<Nodes> StartAsync(RedisCluster cluster, int count, Func<GatewaySettings, GatewaySettings>? settings = null, string? policies = null) =>
        new Nodes(null, cluster.Addresses, settings ?? (same => same), policies).WithAsync(count);

    /// <summary>Starts one more, which has joined when this returns.</summary>
    /// <param name="endPoint">Its way to Redis, if it is one of its own.</param>
    /// <param name="clock">Its clock; null = the machine's.</param>
    /// <param name="limits">Of its calls to Redis; null = patient ones.</param>
    /// <param name="policies">Its own; null = those of all.</param>
    public async Task<GatewayEnvironment> AddAsync(string? endPoint = null, TimeProvider? clock = null, RedisLimits? limits = null, string? policies = null)
    {
        var name = ((char)('a' + _all.Count)).ToString();
        var emptyIsLoss = false;
        var node = await GatewayEnvironment.StartAsync(new EnvironmentOptions
        {
            Policies = policies ?? Policies,
            Settings = settings =>
            {
                var taken = Settings(settings with
                {
                    Origin = _all.Count == 0 ? settings.Origin : Origin.Address.ToString().TrimEnd('/'),
                    DeploymentId = "test",
                    Node = name,
                    Redis = new RedisSettings { EndPoints = endPoint is null ? _endPoints : [endPoint] },
                });
                emptyIsLoss = taken.EmptyRedisIsLoss;
                return taken;
            },
            Configure = builder =>
            {
                builder.Services.AddSingleton(clock ?? TimeProvider.System).AddSingleton(limits ?? RedisGateways.PatientLimits)
                    .AddSingleton(PatientBus with { EmptyIsLoss = emptyIsLoss });
                Configure(builder);
            },
        });
        _all.Add(node);
        await UntilTrusted(node);
        return node;
    }

    public static Task UntilTrusted(GatewayEnvironment node, bool trusted = true) =>
        Deadline.Until(async () => await node.MetricAsync("cachegateway_bus_trusted") == (trusted ? 1 : 0), $"trusted: {trusted}");

    /// <summary>Until a node has applied all that was raised before.</summary>
    public Task UntilApplied(GatewayEnvironment node) => UntilApplied(node, Deadline.Limit);

    /// <summary>For much that comes along a slow line.</summary>
    public async Task UntilApplied(GatewayEnvironment node, TimeSpan limit)
    {
        var newest = (long)await Redis.RunAsync("HGET", "test:{fence}:state", "newest");
        await Deadline.Until(async () => await node.MetricAsync("cachegateway_epoch_applied") >= newest, "all is applied", limit);
    }

    /// <summary>Until every node lives in its n-th incarnation.</summary>
    public async Task UntilIncarnation(int number)
    {
        foreach (var node in _all)
        {
            await Deadline.Until(async () => await node.MetricAsync("cachegateway_bus_incarnations") == number, $"incarnation {number}");
            await UntilTrusted(node);
        }
    }

    /// <summary>Raises on "a" and gives the answer's status and receipt. Where the order does not say how long it waits, it does so patiently.</summary>
    public async Task<(int Status, JsonElement Receipt)> RaiseAsync(object order, GatewayEnvironment? on = null)
    {
        var body = JsonSerializer.SerializeToNode(order, JsonSerializerOptions.Web)!.AsObject();
        body.TryAdd("timeoutMs", JsonValue.Create(PatientOrderMs));
        using var answer = await (on ?? A).InvalidateAsync(body);
        return ((int)answer.StatusCode, await answer.Content.ReadFromJsonAsync<JsonElement>());
    }

    /// <summary>Ends the names of causes that raised these tags and nothing else.</summary>
    public static string Digest(params string[] tags) =>
        Convert.ToHexStringLower(SHA256.HashData(JsonSerializer.SerializeToUtf8Bytes(new { t = tags })).AsSpan(0, 16));

    /// <summary>The field of a set of rules that holds its place in the events stream, once it is noted.</summary>
    /// <param name="others">Of other rules.</param>
    public async Task<string> EventPlaceAsync(params string[] others)
    {
        string? field = null;
        await Deadline.Until(
            async () => (field = ((string[])(await Redis.RunAsync("HKEYS", "test:{fence}:state"))!).Except(others).SingleOrDefault(name => name.StartsWith("cursor:", StringComparison.Ordinal))) is not null,
            "the place is noted");
        return field!;
    }

    /// <summary>How many connections listen on a channel.</summary>
    public async Task<long> Listening(string channel) => (long)((RedisResult[])(await Redis.RunAsync("PUBSUB", "NUMSUB", channel))!)[1];

    /// <summary>GETs on every node; all must answer with <paramref name="text"/>.</summary>
    public async Task AllAnswer(string target, string text)
    {
        foreach (var node in _all)
        {
            Assert.Equal(text, (await node.FetchAsync(target)).Text);
        }
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var node in Enumerable.Reverse(_all))
        {
            await node.DisposeAsync();
        }

        if (_redis is not null)
        {
            await _redis.DisposeAsync();
        }
    }

    private async Task<Nodes> WithAsync(int count)
    {
        for (var i = 0; i < count; i++)
        {
            await AddAsync();
        }

        return this;
    }
}
