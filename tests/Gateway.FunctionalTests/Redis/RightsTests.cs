using CacheGateway.Model;

namespace CacheGateway.FunctionalTests.Redis;

/// <summary>The gateway works with the rights that the documentation asks for, and asks for nothing else.</summary>
public sealed class RightsTests
{
    /// <summary>The line of the documentation, for the deployment "test".</summary>
    private static string[] Rights => File.ReadLines(Path.Combine(Repository, "docs", "redis.md"))
        .Single(line => line.StartsWith("user default on ", StringComparison.Ordinal))
        .Replace("DEPLOYMENT", "test", StringComparison.Ordinal).Replace("PASSWORD", "secret", StringComparison.Ordinal).Split(' ')[1..];

    private static string Repository
    {
        get
        {
            var folder = AppContext.BaseDirectory;
            while (!File.Exists(Path.Combine(folder, "CacheGateway.sln")))
            {
                folder = Path.GetDirectoryName(folder.TrimEnd(Path.DirectorySeparatorChar))!;
            }

            return folder;
        }
    }

    [Fact]
    [Attack("G06", "More rights than are needed")]
    public async Task LeastRights_AreEnough_AndNothingElseIsTried()
    {
        await using var redis = await RedisServer.StartAsync(
            ["--user", .. Rights, "--user", "admin", "on", ">admin", "~*", "&*", "+@all"]);
        await using var a = await RedisGateways.StartAsync(redis, password: "secret", warming: true);
        await using var b = await RedisGateways.StartAsync(redis, a, password: "secret", warming: true);
        a.Origin.Get("/x", request => Reply.Conditional(request, "\"v1\"", "x", "Cache-Control: no-cache, max-age=60"));
        a.Origin.Get("/y", Reply.Ok("y", "Cache-Control: max-age=60"));
        a.Origin.Get("/z", Reply.Ok("z", "Cache-Control: max-age=60"));
        await a.UntilConnectedAsync();
        await b.UntilConnectedAsync();

        await a.FetchAsync("/x");
        await a.FetchAsync("/y");
        await a.FetchAsync("/z");
        await a.UntilWrittenAsync(3);
        CacheAssert.Hit(await b.FetchAsync("/y"));
        await b.FetchAsync("/x");
        await b.UntilWrittenAsync(1, "head-written");
        var key = (await AdminAsync(redis, "KEYS", "*/z:*")).Split('\n').Single();
        await AdminAsync(redis, "DEL", key);
        await AdminAsync(redis, "LPUSH", key, "x");
        Assert.Equal("z", (await b.FetchAsync("/z")).Text);
        await b.UntilWrittenAsync(1);

        // What is asked for more than once is popular, and is recorded at the end at the latest.
        CacheAssert.Hit(await a.FetchAsync("/y"));
        CacheAssert.Hit(await a.FetchAsync("/y"));
        await a.StopGatewayAsync();
        Assert.Equal("1", await AdminAsync(redis, "EXISTS", "test:{fence}:popular"));
        Assert.Equal("", await AdminAsync(redis, "ACL", "LOG"));
        // None was refused for want of rights; of a list, fields are refused to anybody.
        Assert.InRange(await b.MetricAsync("cachegateway_redis_calls_total{call=\"read\",outcome=\"refused\"}"), 0, 1);
    }

    [Fact]
    [Fault("F-13", "A wrong password for Redis: every answer comes, without Redis")]
    public async Task WrongPassword_IsAMiss_AndEveryAnswerComes()
    {
        await using var redis = await RedisServer.StartAsync("--requirepass", "right");
        await using var a = await RedisGateways.StartAsync(redis, password: "wrong");
        a.Origin.Get("/x", Reply.Ok("x", "Cache-Control: max-age=60"));

        CacheAssert.Miss(await a.FetchAsync("/x"));
        CacheAssert.Miss(await a.FetchAsync("/x"), Reason.Blind);
    }

    private static Task<string> AdminAsync(RedisServer redis, params string[] command) =>
        redis.CommandLineAsync(["--user", "admin", "--pass", "admin", .. command]);
}
