using System.Globalization;
using CacheGateway.FunctionalTests.Redis;
using CacheGateway.Invalidation.Redis;
using StackExchange.Redis;

namespace CacheGateway.FunctionalTests.Invalidation;

/// <summary>A node that starts reads the marks some at a time, while others go on raising: what was there when it began, it reads.</summary>
public sealed class MarksOfRedisTests
{
    private const string Key = "marks";
    private const int Page = 7;

    [Theory]
    [InlineData(1)]
    [InlineData(6)]
    [InlineData(7)]
    [InlineData(8)]
    [InlineData(100)]
    public async Task Marks_OfAsManyWithOneEpoch_AreAllRead(int together)
    {
        await using var redis = await RedisServer.StartAsync();
        var names = await FillAsync(redis, 100, together);
        Assert.Equal(names, (await ReadAsync(redis, _ => Task.CompletedTask)).Order(StringComparer.Ordinal));
    }

    [Theory]
    [InlineData(1, 1)]
    [InlineData(5, 2)]
    [InlineData(20, 3)]
    [InlineData(100, 4)]
    public async Task Marks_RaisedOrGoneWhileTheyAreRead_LoseNoOther(int together, int seed)
    {
        await using var redis = await RedisServer.StartAsync();
        var names = await FillAsync(redis, 100, together);
        var random = new Random(seed);
        var gone = new HashSet<string>();
        var epoch = 1000;
        var seen = await ReadAsync(redis, async last =>
        {
            // Whatever the reading has passed moves to the end, and often the very mark that it stands at; the oldest become the floor.
            var moved = names.Where(_ => random.Next(8) == 0).Append(random.Next(2) == 0 ? last : names[^1]).Except(gone);
            await redis.RunAsync("ZADD", [Key, "XX", "GT", .. moved.SelectMany(name => (object[])[++epoch, name])]);

            if (epoch < 1200 && random.Next(3) == 0)
            {
                gone.Add((string)((RedisResult[])await redis.RunAsync("ZPOPMIN", Key))[0]!);
            }
        });

        Assert.Empty(names.Except(seen, StringComparer.Ordinal).Except(gone, StringComparer.Ordinal));
        Assert.NotEmpty(gone);
    }

    /// <summary>As a node does, with <paramref name="between"/> before each further page; the mark it stands at is told.</summary>
    private static async Task<HashSet<string>> ReadAsync(RedisServer redis, Func<string, Task> between)
    {
        var seen = new HashSet<string>(StringComparer.Ordinal);
        var (mark, epoch) = ("", "");
        for (var pages = 0; ; pages++)
        {
            Assert.InRange(pages, 0, 1000);
            var parts = (RedisResult[])await redis.RunAsync("EVAL", FenceScripts.Marks.Text, "1", Key, mark, epoch, Page);
            var list = new MarkList((byte[])parts[0], 0);
            while (list.TryTake(out var raise))
            {
                Assert.Null(raise.Scope);
                seen.Add("ht" + raise.Name.Text);
            }

            (mark, epoch) = ((string)parts[1]!, (string)parts[2]!);
            if (epoch.Length == 0)
            {
                return seen;
            }

            // Those that move stay ahead of the reader for ever otherwise.
            if (pages < 40)
            {
                await between(mark);
            }
        }
    }

    private static async Task<string[]> FillAsync(RedisServer redis, int count, int together)
    {
        string[] names = [.. Enumerable.Range(100, count).Select(i => $"ht{i.ToString(CultureInfo.InvariantCulture)}")];
        await redis.RunAsync("ZADD", [Key, .. names.SelectMany((name, i) => (object[])[1 + (i / together), name])]);
        return names;
    }
}
