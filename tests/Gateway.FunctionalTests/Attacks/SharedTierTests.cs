using CacheGateway.FunctionalTests.Promises;
using CacheGateway.FunctionalTests.Redis;

namespace CacheGateway.FunctionalTests.Attacks;

/// <summary>Group G: what clients and origins say never becomes a command, a key or a program in Redis.</summary>
public sealed class SharedTierTests
{
    [Theory]
    [Attack("G04", "Commands and keys in a target")]
    [InlineData("/%0d%0aFLUSHALL%0d%0a")]
    [InlineData("/*3%0d%0a$3%0d%0aSET")]
    [InlineData("/{tag}:r1:x")]
    [InlineData("/<8k>")]
    [InlineData("/a?b=%00%ff")]
    public async Task Target_NeverBecomesACommandOrAKey(string target)
    {
        await using var redis = await RedisServer.StartAsync();
        await using var env = await RedisGateways.StartAsync(redis);
        env.Origin.GetNumbered("/*", Numbered.Fresh);
        await env.UntilConnectedAsync();
        await env.FetchAsync("/first");
        await env.UntilWrittenAsync(1);

        await env.FetchAsync(target.Replace("<8k>", new string('k', 8000), StringComparison.Ordinal));
        await env.UntilWrittenAsync(2);

        var keys = await redis.KeysAsync();
        Assert.Equal(2, keys.Length);
        Assert.All(keys, key => Assert.InRange(key.Length, 1, 400));
        Assert.All(keys, key => Assert.DoesNotContain(key, c => c is < ' ' or > '~'));
    }

    [Theory]
    [Attack("G05", "Programs in a tag")]
    [InlineData("\"]=1 redis.call('FLUSHALL')--")]
    [InlineData("' .. redis.call('FLUSHALL') .. '")]
    [InlineData("a\r\nFLUSHALL\r\n")]
    [InlineData("%00")]
    public async Task Tag_NeverBecomesAProgram(string tag)
    {
        await using var redis = await RedisServer.StartAsync();
        await using var env = await RedisGateways.StartAsync(redis);
        env.Origin.GetNumbered("/x", Numbered.Fresh, "Cache-Tag: a");
        await env.UntilConnectedAsync();
        await env.FetchAsync("/x");
        await env.UntilWrittenAsync(1);

        using var answer = await env.InvalidateAsync(new { tags = (string[])[tag], reason = tag });
        using var named = await env.InvalidateAsync(new { urls = (string[])["/" + Uri.EscapeDataString(tag)], prefixes = (string[])["/y" + Uri.EscapeDataString(tag)], policies = (string[])["p" + tag], reason = tag });

        // No tag has such characters but the last; what else names it goes through the scripts.
        Assert.Equal(CacheGateway.Model.TagText.IsTag(tag) ? 200 : 400, (int)answer.StatusCode);
        Assert.Equal(200, (int)named.StatusCode);
        Assert.Single(await redis.KeysAsync());
        CacheAssert.Hit(await env.FetchAsync("/x"));
    }

    [Fact]
    [Attack("G05", "Programs in a tag")]
    public async Task Scripts_Forgotten_AreSentAgain_AndNothingIsLost()
    {
        await using var redis = await RedisServer.StartAsync();
        await using var env = await RedisGateways.StartAsync(redis);
        env.Origin.GetNumbered("/x", Numbered.Fresh, "Cache-Tag: a");
        await env.UntilConnectedAsync();
        await env.FetchAsync("/x");
        await redis.RunAsync("SCRIPT", "FLUSH");

        await env.InvalidateAsync("a");

        Assert.Equal("2", (await env.FetchAsync("/x")).Text);
    }

    [Fact]
    [Attack("C09", "Private answers in the shared tier")]
    public async Task PrivateAnswers_LeaveNoTraceInRedis()
    {
        await using var redis = await RedisServer.StartAsync();
        await using var env = await RedisGateways.StartAsync(redis);
        env.Origin.GetNumbered("/private", "Cache-Control: private, max-age=60");
        env.Origin.GetNumbered("/no-store", "Cache-Control: no-store");
        env.Origin.GetNumbered("/cookie", Numbered.Fresh, "Set-Cookie: s=1");
        env.Origin.GetNumbered("/me", Numbered.Fresh);
        env.Origin.GetNumbered("/last", Numbered.Fresh);
        await env.UntilConnectedAsync();

        await env.FetchAsync("/private");
        await env.FetchAsync("/no-store");
        await env.FetchAsync("/cookie");
        await env.FetchAsync("/me", "Authorization: Bearer A");
        await env.FetchAsync("/me", "Cookie: s=1");
        await env.FetchAsync("/last");
        await env.UntilWrittenAsync(1);

        Assert.Contains("/last", Assert.Single(await redis.KeysAsync()), StringComparison.Ordinal);
    }
}
