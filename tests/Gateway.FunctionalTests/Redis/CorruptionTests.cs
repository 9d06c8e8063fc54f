using System.Security.Cryptography;
using StackExchange.Redis;

namespace CacheGateway.FunctionalTests.Redis;

/// <summary>Whatever lies in Redis: a miss, a counter, and it is taken out. Never an error, never a wrong body.</summary>
public sealed class CorruptionTests
{
    /// <summary>What is damaged, and whether Redis was heard a moment before: then fields alone are asked for, and the damage is found by them.</summary>
    public static MatrixTheoryData<string, bool> Damages => new(
        ["empty head", "one byte", "random head", "flipped head", "cut body", "flipped body", "no body", "other entry", "wrong type", "foreign specs"],
        [false, true]);

    [Theory]
    [Attack("G01", "Values put in by another")]
    [Attack("G02", "Flipped bits and cut values")]
    [Attack("A16", "Hashes that collide")]
    [MemberData(nameof(Damages))]
    [Fault("F-15", "Damaged, foreign or forged values in Redis: a miss, counted, taken out")]
    public async Task DamagedValue_IsAMiss_IsCounted_AndIsTakenOut(string damage, bool isHeard)
    {
        await using var redis = await RedisServer.StartAsync();
        await using var a = await RedisGateways.StartAsync(redis);
        await using var b = await RedisGateways.StartAsync(redis, a);
        a.Origin.Get("/x", Reply.Ok(Text(1), "Cache-Control: max-age=60"), Reply.Ok(Text(2), "Cache-Control: no-store"));
        a.Origin.Get("/other", Reply.Ok(Text(3), "Cache-Control: max-age=60"));
        await a.UntilConnectedAsync();
        await b.UntilConnectedAsync();
        await a.FetchAsync("/x");
        await a.FetchAsync("/other");
        await a.UntilWrittenAsync(2);
        var database = await redis.ClientAsync();
        var key = await KeyOfAsync(redis, "/x:");
        await DamageAsync(database, key, await KeyOfAsync(redis, "/other:"), damage);

        if (isHeard)
        {
            CacheAssert.Hit(await b.FetchAsync("/other"));
        }

        var answer = await b.FetchAsync("/x");

        Assert.Equal((200, Text(2)), (answer.Status, answer.Text));
        Assert.Equal(1, await b.MetricAsync("cachegateway_l2_corrupt_total"));
        await Deadline.Until(async () => damage == "wrong type" || damage == "foreign specs"
            ? !await database.KeyExistsAsync(key)
            : (await database.HashGetAllAsync(key)).All(field => !((string)field.Name!).Contains(':', StringComparison.Ordinal)), "the damaged value is gone");
    }

    [Fault("F-15", "Corrupted, truncated, foreign values")]
    [Fact]
    [Attack("G10", "Entries of another version")]
    [Fault("F-39", "Entries of a newer version in Redis: a miss, and left alone")]
    public async Task UnknownVersion_IsAMiss_AndIsLeftAlone()
    {
        await using var redis = await RedisServer.StartAsync();
        await using var a = await RedisGateways.StartAsync(redis);
        await using var b = await RedisGateways.StartAsync(redis, a);
        a.Origin.Get("/x", Reply.Ok("1", "Cache-Control: max-age=60"), Reply.Ok("2", "Cache-Control: no-store"));
        await a.UntilConnectedAsync();
        await b.UntilConnectedAsync();
        await a.FetchAsync("/x");
        await a.UntilWrittenAsync(1);
        var database = await redis.ClientAsync();
        var key = await KeyOfAsync(redis, "/x:");
        var (field, head) = await FieldAsync(database, key, "h:");
        head[2] = 77;
        await database.HashSetAsync(key, field, head);

        Assert.Equal("2", (await b.FetchAsync("/x")).Text);

        Assert.Equal((1, 0), (await b.SharedAsync("reads", "unknown-version"), await b.MetricAsync("cachegateway_l2_corrupt_total")));
        Assert.Equal(head, (byte[])(await database.HashGetAsync(key, field))!);
    }

    [Fact]
    [Attack("G01", "Values put in by another")]
    public async Task EntryWithoutASignature_IsNotServedByAGatewayThatSigns()
    {
        await using var redis = await RedisServer.StartAsync();
        await using var a = await RedisGateways.StartAsync(redis);
        await using var b = await RedisGateways.StartAsync(redis, a, signingKey: "secret");
        await using var c = await RedisGateways.StartAsync(redis, a, signingKey: "secret");
        a.Origin.Get("/x", request => Reply.Ok($"{request.PathNumber}", "Cache-Control: max-age=60"));
        await a.UntilConnectedAsync();
        await b.UntilConnectedAsync();
        await c.UntilConnectedAsync();
        await a.FetchAsync("/x");
        await a.UntilWrittenAsync(1);

        Assert.Equal("2", (await b.FetchAsync("/x")).Text);
        Assert.Equal(1, await b.MetricAsync("cachegateway_l2_corrupt_total"));
        await b.UntilWrittenAsync(1);
        Assert.Equal("2", (await c.FetchAsync("/x")).Text);
    }

    /// <summary>Between two steps of a change, half of the gateways sign with the new key already.</summary>
    [Fact]
    public async Task SignedByAnotherKey_ThatIsKnown_IsServed()
    {
        await using var redis = await RedisServer.StartAsync();
        await using var a = await RedisGateways.StartAsync(redis, signingKey: "old,new");
        await using var b = await RedisGateways.StartAsync(redis, a, signingKey: "new,old");
        a.Origin.Get("/*", Reply.Ok("x", "Cache-Control: max-age=60"));
        await a.UntilConnectedAsync();
        await b.UntilConnectedAsync();
        await a.FetchAsync("/a");
        await a.UntilWrittenAsync(1);
        await b.FetchAsync("/b");
        await b.UntilWrittenAsync(1);

        CacheAssert.Hit(await b.FetchAsync("/a"));
        CacheAssert.Hit(await a.FetchAsync("/b"));
        Assert.Equal(0, await a.MetricAsync("cachegateway_l2_corrupt_total") + await b.MetricAsync("cachegateway_l2_corrupt_total"));
    }

    private static string Text(int number) => $"{number} {new string('x', 200)}";

    private static async Task<string> KeyOfAsync(RedisServer redis, string part) =>
        (await redis.KeysAsync()).Single(key => key.Contains(part, StringComparison.Ordinal));

    private static async Task<(string Name, byte[] Value)> FieldAsync(IDatabase database, string key, string start)
    {
        var field = (await database.HashGetAllAsync(key)).Single(field => ((string)field.Name!).StartsWith(start, StringComparison.Ordinal));
        return ((string)field.Name!, (byte[])field.Value!);
    }

    private static async Task DamageAsync(IDatabase database, string key, string other, string damage)
    {
        var (headField, head) = await FieldAsync(database, key, "h:");
        var (bodyField, body) = await FieldAsync(database, key, "b:");
        switch (damage)
        {
            case "empty head":
                await database.HashSetAsync(key, headField, Array.Empty<byte>());
                break;
            case "one byte":
                await database.HashSetAsync(key, headField, "C");
                break;
            case "random head":
                await database.HashSetAsync(key, headField, RandomNumberGenerator.GetBytes(1024));
                break;
            case "flipped head":
                head[200] ^= 16;
                await database.HashSetAsync(key, headField, head);
                break;
            case "cut body":
                await database.HashSetAsync(key, bodyField, body[..^1]);
                break;
            case "flipped body":
                body[7] ^= 1;
                await database.HashSetAsync(key, bodyField, body);
                break;
            case "no body":
                await database.HashDeleteAsync(key, bodyField);
                break;
            case "other entry":
                await database.HashSetAsync(key, headField, (await FieldAsync(database, other, "h:")).Value);
                await database.HashSetAsync(key, bodyField, (await FieldAsync(database, other, "b:")).Value);
                break;
            case "wrong type":
                await database.KeyDeleteAsync(key);
                await database.ListLeftPushAsync(key, "x");
                break;
            default:
                await database.HashSetAsync(key, "v", "a b\0c");
                break;
        }
    }
}
