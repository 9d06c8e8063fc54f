using System.Net;
using System.Net.Sockets;
using CacheGateway.Storage.Redis;
using Microsoft.Extensions.DependencyInjection;

namespace CacheGateway.FunctionalTests.Redis;

/// <summary>Redis is there again: it is found, and used at once.</summary>
public sealed class RecoveryTests
{
    [Fact]
    [Fault("F-01", "Redis killed and started again: calls go through as soon as there is a connection, however long the breaker would have stayed open")]
    public async Task ConnectedAgain_CallsGoThroughAtOnce()
    {
        await using var redis = await RedisServer.StartAsync();
        await using var a = await RedisGateways.StartAsync(
            redis, configure: builder => builder.Services.AddSingleton(new RedisLimits { Pause = TimeSpan.FromMinutes(30) }));
        a.Origin.Get("/*", Reply.Ok("x", "Cache-Control: max-age=60"));
        await a.UntilConnectedAsync();
        var guard = a.Services.GetRequiredService<RedisGuard>();

        await redis.KillAsync();
        var asked = 0;
        await Deadline.Until(
            async () =>
            {
                Assert.Equal(200, (await a.FetchAsync($"/{asked++}")).Status);
                return !guard.IsClosed;
            },
            "the breaker is open");
        await redis.StartAsync();

        await Deadline.Until(() => Task.FromResult(guard.IsClosed), "it is closed again");
        await a.UntilConnectedAsync();
        await a.FetchAsync("/later");
        await a.UntilWrittenAsync(1);
    }

    [Fact]
    public async Task Scout_SeesWhoAnswers()
    {
        await using var redis = await RedisServer.StartAsync();
        var scout = ScoutOf(redis.Port);
        Assert.True(await scout.IsThereAsync(CancellationToken.None));

        // That it wants a password says that it is there.
        await redis.RunAsync("CONFIG", "SET", "requirepass", "secret");
        Assert.True(await scout.IsThereAsync(CancellationToken.None));

        redis.Pause();
        Assert.False(await scout.IsThereAsync(CancellationToken.None), "a hung server takes connections and says nothing");
        redis.Resume();
        await redis.KillAsync();
        Assert.False(await scout.IsThereAsync(CancellationToken.None), "nobody listens");
    }

    [Fact]
    public async Task Scout_OfSeveralAddresses_NeedsOne()
    {
        await using var redis = await RedisServer.StartAsync();
        using var silent = new TcpListener(IPAddress.Loopback, 0);
        silent.Start();

        Assert.True(await ScoutOf(((IPEndPoint)silent.LocalEndpoint).Port, redis.Port).IsThereAsync(CancellationToken.None));
        Assert.False(await ScoutOf(((IPEndPoint)silent.LocalEndpoint).Port).IsThereAsync(CancellationToken.None));
    }

    private static RedisScout ScoutOf(params int[] ports) =>
        new(RedisOptions.Of(new RedisSettings { EndPoints = [.. ports.Select(port => $"127.0.0.1:{port}")] }));
}
