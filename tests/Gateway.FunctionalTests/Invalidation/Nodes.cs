using System.Net.Http.Json;
using System.Text.Json;
using CacheGateway.FunctionalTests.Redis;
using CacheGateway.Hosting;
using CacheGateway.Storage.Redis;
using Microsoft.Extensions.DependencyInjection;
using StackExchange.Redis;

namespace CacheGateway.FunctionalTests.Invalidation;

/// <summary>Gateways "a", "b", ... on one real Redis, in front of the origin of the first; on the real clock.</summary>
internal sealed class Nodes : IAsyncDisposable
{
    private readonly List<GatewayEnvironment> _all = [];

    private Nodes(RedisServer redis, Func<GatewaySettings, GatewaySettings> settings, string? policies)
    {
        Redis = redis;
        Settings = settings;
        Policies = policies;
    }

    public RedisServer Redis { get; }

    public GatewayEnvironment A => _all[0];

    public GatewayEnvironment B => _all[1];

    public ScriptedOrigin Origin => A.Origin;

    private Func<GatewaySettings, GatewaySettings> Settings { get; }

    private string? Policies { get; }

    public static async Task<Nodes> StartAsync(int count = 2, Func<GatewaySettings, GatewaySettings>? settings = null, string? policies = null, params string[] redis)
    {
        var nodes = new Nodes(await RedisServer.StartAsync(redis), settings ?? (same => same), policies);
        for (var i = 0; i < count; i++)
        {
            await nodes.AddAsync();
        }

        return nodes;
    }

    /// <summary>Starts one more, which has joined when this returns.</summary>
    public async Task<GatewayEnvironment> AddAsync()
    {
        var name = ((char)('a' + _all.Count)).ToString();
        var node = await GatewayEnvironment.StartAsync(new EnvironmentOptions
        {
            Policies = Policies,
            Settings = settings => Settings(settings with
            {
                Origin = _all.Count == 0 ? settings.Origin : Origin.Address.ToString().TrimEnd('/'),
                DeploymentId = "test",
                Node = name,
                Redis = new RedisSettings { EndPoints = [Redis.Address] },
            }),
            Configure = builder => builder.Services.AddSingleton(TimeProvider.System),
        });
        _all.Add(node);
        await UntilTrusted(node);
        return node;
    }

    public static Task UntilTrusted(GatewayEnvironment node, bool trusted = true) =>
        Deadline.Until(async () => await node.MetricAsync("cachegateway_bus_trusted") == (trusted ? 1 : 0), $"trusted: {trusted}");

    /// <summary>Until every node lives in its n-th incarnation.</summary>
    public async Task UntilIncarnation(int number)
    {
        foreach (var node in _all)
        {
            await Deadline.Until(async () => await node.MetricAsync("cachegateway_bus_incarnations") == number, $"incarnation {number}");
            await UntilTrusted(node);
        }
    }

    /// <summary>Raises on "a" and gives the answer's status and receipt.</summary>
    public async Task<(int Status, JsonElement Receipt)> RaiseAsync(object order, GatewayEnvironment? on = null)
    {
        using var answer = await (on ?? A).InvalidateAsync(order);
        return ((int)answer.StatusCode, await answer.Content.ReadFromJsonAsync<JsonElement>());
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

        await Redis.DisposeAsync();
    }
}
