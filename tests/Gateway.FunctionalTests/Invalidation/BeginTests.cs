using CacheGateway.FunctionalTests.Redis;
using CacheGateway.Hosting;
using CacheGateway.Policies;
using CacheGateway.Storage.Redis;
using Microsoft.Extensions.DependencyInjection;
using StackExchange.Redis;

namespace CacheGateway.FunctionalTests.Invalidation;

/// <summary>A gateway joins the others while the rest of it is made, and not before it is known that it can be made.</summary>
public sealed class BeginTests
{
    [Fact]
    public async Task Gateway_JoinsBeforeItIsStarted()
    {
        await using var redis = await RedisServer.StartAsync();
        await using var gateway = GatewayApplication.Create(Settings(redis.Address) with { DeploymentId = "test" });

        await Deadline.Until(async () => (long)await redis.RunAsync("ZCARD", "test:{fence}:marks") > 0, "the fence has begun");
        await Deadline.Until(async () => ((string[])(await redis.RunAsync("HVALS", "test:{fence}:nodes"))!).Any(node => node.EndsWith(" early", StringComparison.Ordinal)), "the node is there");
    }

    [Fact]
    public async Task GatewayWhosePoliciesCannotBeRead_JoinsNobody()
    {
        var policies = Path.GetTempFileName();
        await File.WriteAllTextAsync(policies, "{");
        var link = new Link();

        Assert.Throws<PolicyFileException>(() => GatewayApplication.Create(
            Settings("127.0.0.1:1") with { PoliciesFile = policies }, builder => builder.Services.AddSingleton<IRedisLink>(link)));

        Assert.False(link.IsStarted);
        File.Delete(policies);
    }

    private static GatewaySettings Settings(string redis) => new()
    {
        Origin = "http://127.0.0.1:1",
        Urls = ["http://127.0.0.1:0"],
        Node = "early",
        Redis = new RedisSettings { EndPoints = [redis] },
    };

    /// <summary>Notes that somebody wants a connection.</summary>
    private sealed class Link : IRedisLink
    {
        public event Action? Connected
        {
            add { }
            remove { }
        }

        public bool IsStarted { get; private set; }

        public object? Line => null;

        public void Start() => IsStarted = true;

        public Task SubscribeAsync(RedisChannel channel, Action<RedisValue> heard) => Task.FromException(new IOException("There is none."));
    }
}
