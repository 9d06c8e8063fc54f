using System.Net;
using CacheGateway.FunctionalTests.Invalidation;
using CacheGateway.FunctionalTests.Promises;
using CacheGateway.Invalidation;
using CacheGateway.Storage.Redis;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using StackExchange.Redis;

namespace CacheGateway.FunctionalTests.Redis;

/// <summary>The database that was asked for, or no Redis: never another one, which may be in use by somebody else.</summary>
public sealed class DatabaseTests
{
    private const string NoRight = "database 3 cannot be selected: NOPERM this user has no permissions to run the 'select' command";

    [Theory]
    [InlineData(99, "database 99 cannot be selected: ERR DB index is out of range")]
    [InlineData(3, NoRight, "--user", "default", "on", "nopass", "~*", "&*", "+@all", "-select")]
    [Fault("F-13", "A database that cannot be selected: every answer comes, without Redis, and nothing is written to another database")]
    public async Task Refused_IsNoRedis_AndNothingIsWrittenToAnother(int database, string cause, params string[] rights)
    {
        await using var redis = await RedisServer.StartAsync(rights);
        using var log = new KeptLog();
        await using var a = await RedisGateways.StartAsync(redis, database: database, configure: builder => builder.Logging.AddProvider(log));
        a.Origin.Get("/x", Reply.Ok("x", "Cache-Control: max-age=60"));

        await UntilRefusedAsync(a, log, cause);
        Assert.Equal("x", (await a.FetchAsync("/x")).Text);
        using (var raised = await a.InvalidateAsync(new { tags = (string[])["t"] }))
        {
            Assert.Equal(HttpStatusCode.Accepted, raised.StatusCode);
        }

        Assert.Equal("x", (await a.FetchAsync("/x")).Text);
        Assert.Empty(await redis.DatabasesAsync());
        Assert.DoesNotContain(log.Lines, line => line.EndsWith("is connected", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Refused_IsAskedForAgain()
    {
        await using var redis = await RedisServer.StartAsync("--user", "default", "on", "nopass", "~*", "&*", "+@all", "-select");
        using var log = new KeptLog();
        await using var a = await RedisGateways.StartAsync(redis, database: 3, configure: builder => builder.Logging.AddProvider(log));
        a.Origin.Get("/x", Reply.Ok("x", "Cache-Control: max-age=60"));
        await UntilRefusedAsync(a, log, NoRight);

        await redis.RunAsync("ACL", "SETUSER", "default", "+select");
        await a.UntilConnectedAsync();
        await a.FetchAsync("/x");
        await a.UntilWrittenAsync(1);

        Assert.Equal(["db3"], await redis.DatabasesAsync());
        Assert.Single(log.Lines, line => line.Contains(NoRight, StringComparison.Ordinal));
    }

    /// <summary>The client library connects again by itself: what was selected on one connection says nothing of the next.</summary>
    [Fact]
    public async Task RefusedOnALaterConnection_NothingIsWrittenToAnother()
    {
        await using var redis = await RedisServer.StartAsync();
        using var log = new KeptLog();
        await using var a = await RedisGateways.StartAsync(redis, database: 3, configure: builder => builder.Logging.AddProvider(log));
        a.Origin.Get("/*", Reply.Ok("x", "Cache-Control: max-age=60"));
        await a.UntilConnectedAsync();
        await a.FetchAsync("/x");
        await a.UntilWrittenAsync(1);

        await redis.RunAsync("ACL", "SETUSER", "default", "-select");
        await redis.RunAsync("CLIENT", "KILL", "TYPE", "normal", "SKIPME", "yes");
        var asked = 0;
        await Deadline.Until(
            async () =>
            {
                Assert.Equal("x", (await a.FetchAsync($"/{asked++}")).Text);
                return log.Lines.Any(line => line.Contains(NoRight, StringComparison.Ordinal));
            },
            "it is refused");
        Assert.False(a.Services.GetRequiredService<RedisConnection>().IsConnected);
        Assert.Equal("x", (await a.FetchAsync("/later")).Text);

        Assert.Equal(["db3"], await redis.DatabasesAsync());
    }

    /// <summary>As when the library has connected again, and nobody here knows of it yet.</summary>
    [Fact]
    public async Task RefusedWhereNobodyKnows_NothingIsWrittenToAnother()
    {
        await using var redis = await RedisServer.StartAsync();
        var third = (await redis.ClientAsync()).Multiplexer.GetDatabase(3);
        await redis.RunAsync("ACL", "SETUSER", "default", "-select");
        RedisScript[] scripts = [new("bare", "return redis.call('SET', KEYS[1], ARGV[1])"), new("flags", "#!lua flags=allow-oom\nreturn redis.call('SET', KEYS[1], ARGV[1])")];

        await IsRefusedAsync(() => third.RunAsync("SET", (RedisKey)"key", "value"));
        foreach (var script in scripts)
        {
            await IsRefusedAsync(() => third.RunAsync(script, ["key"], ["value"]));
        }

        await IsRefusedAsync(() => third.FieldsAsync("key", ["field"]));
        Assert.Empty(await redis.DatabasesAsync());

        async Task IsRefusedAsync(Func<Task> run) =>
            Assert.Contains("database 3 cannot be selected", (await Assert.ThrowsAsync<RedisServerException>(run)).Message, StringComparison.Ordinal);
    }

    /// <summary>Another database is not another way to do anything.</summary>
    [Fact]
    public async Task All_IsAsInTheFirst()
    {
        await using var nodes = await Nodes.StartAsync(
            2, settings => settings with { Redis = new RedisSettings { EndPoints = settings.Redis!.EndPoints, Database = 3 } },
            """{ "policies": { "x": { "match": { "path": "/c/{id}" }, "ttl": "1h", "tags": ["category:{id}"] } }, "events": { "category.saved": ["category:{id}"] } }""");
        nodes.Origin.GetNumbered("/c/7", Numbered.Fresh);
        var third = (await nodes.Redis.ClientAsync()).Multiplexer.GetDatabase(3);

        await nodes.A.FetchAsync("/c/7");
        await nodes.A.UntilWrittenAsync(1);
        Assert.Equal("1", (await nodes.B.FetchAsync("/c/7")).Text);
        Assert.Equal(200, (await nodes.RaiseAsync(new { tags = (string[])["category:7"], wait = "all" })).Status);
        Assert.Equal("2", (await nodes.B.FetchAsync("/c/7")).Text);
        // Else a might ask the origin itself, and have the third without the event.
        await nodes.B.UntilWrittenAsync(1);
        await third.RunAsync("XADD", (RedisKey)"cachegateway:events", "*", "event", "category.saved", "data", """{"id":7}""");
        await Deadline.Until(async () => (await nodes.A.FetchAsync("/c/7")).Text == "3", "the event");

        Assert.Equal(2, (await nodes.A.Services.GetRequiredService<IInvalidationAudit>().ReadAsync(10))!.Count);
        Assert.Equal(["db3"], await nodes.Redis.DatabasesAsync());
    }

    [Fact]
    public async Task OnACluster_ThereIsNone()
    {
        await using var cluster = await RedisCluster.StartAsync();
        using var log = new KeptLog();
        await using var a = await RedisGateways.StartAsync(cluster.Addresses, database: 3, configure: builder => builder.Logging.AddProvider(log));
        a.Origin.Get("/x", Reply.Ok("x", "Cache-Control: max-age=60"));

        await UntilRefusedAsync(a, log, "database 3 cannot be selected: ");
        Assert.Equal("x", (await a.FetchAsync("/x")).Text);
    }

    /// <summary>The log and /healthz say it.</summary>
    private static async Task UntilRefusedAsync(GatewayEnvironment gateway, KeptLog log, string cause)
    {
        await Deadline.Until(() => Task.FromResult(log.Lines.Any(line => line.Contains($"is not connected ({cause}", StringComparison.Ordinal))), "it is refused");
        using var health = await gateway.AdminAsync("/healthz");
        Assert.Contains($"blind: no answered sync since the start ({cause}", await health.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }
}
