using System.Globalization;
using CacheGateway.FunctionalTests.Promises;
using CacheGateway.FunctionalTests.Redis;
using CacheGateway.Invalidation;
using CacheGateway.Invalidation.Redis;
using CacheGateway.Storage.Redis;
using StackExchange.Redis;

namespace CacheGateway.FunctionalTests.Invalidation;

/// <summary>A node that starts reads the marks some at a time, while others go on raising: what was there when it began, it reads.</summary>
public sealed class MarksOfRedisTests
{
    private const int Newest = 1000;
    private static readonly FenceKeys Keys = new("test");
    private static readonly string Marks = (string)Keys.Marks!;

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

    /// <summary>A replica that the client library asks in the master's place may lack what the master said there is.</summary>
    [Theory]
    [Fault("F-11", "Marks that are read from a replica which is behind: the node is not joined by them")]
    [InlineData(7, Newest, true)]
    [InlineData(7, Newest + 1, false)]
    [InlineData(8, Newest, false)]
    public async Task Marks_OfAServerThatIsBehind_AreNotTaken(long incarnation, long newest, bool areTaken)
    {
        await using var redis = await RedisServer.StartAsync();
        await FillAsync(redis, 20, 1);
        var channel = new FenceChannel(null!, new Calls(await redis.ClientAsync(), _ => Task.CompletedTask), Keys, new BusLimits(), new NodeName("test"));

        Assert.Equal(areTaken, await channel.ReadMarksAsync(incarnation, newest, _ => { }));
    }

    /// <summary>Anybody may write to a URL of any length, and each is told to all nodes.</summary>
    [Fact]
    public async Task WritesToLongUrls_TakeNoMoreRoomThanOthers_AndReachEveryNode()
    {
        await using var nodes = await Nodes.StartAsync(2);
        nodes.Origin.GetNumbered("/*", Numbered.Fresh);
        nodes.Origin.On("POST", "/*", _ => Reply.Ok("done"));
        string[] targets = [.. Enumerable.Range(0, 5).Select(i => $"/long/{i}?{new string('q', 7000)}"), "/" + new string('p', 7000)];
        var before = await Task.WhenAll(targets.Select(async target => (await nodes.B.FetchAsync(target)).Text));

        foreach (var target in targets)
        {
            await nodes.A.WriteAsync(target);
        }

        for (var i = 0; i < targets.Length; i++)
        {
            await Deadline.Until(async () => (await nodes.B.FetchAsync(targets[i])).Text != before[i], "the other node learns of it");
        }

        Assert.All((string[])(await nodes.Redis.RunAsync("ZRANGE", Marks, "0", "-1"))!, mark => Assert.InRange(mark.Length, 0, 400));
        var stream = (RedisResult[])(await nodes.Redis.RunAsync("XRANGE", (string)Keys.Group[2]!, "-", "+"))!;
        Assert.All(stream, entry => Assert.All((string[])((RedisResult[])entry!)[1]!, field => Assert.InRange(field.Length, 0, 1000)));
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
        var moved = new HashSet<string>(StringComparer.Ordinal);
        var gone = new HashSet<string>(StringComparer.Ordinal);
        var epoch = Newest;
        var seen = await ReadAsync(redis, async last =>
        {
            // Whatever the reading has passed moves to the end, and often the very mark that it stands at; the oldest become the floor.
            string[] raised = [.. names.Where(_ => random.Next(8) == 0).Append(random.Next(2) == 0 ? last : names[^1]).Except(gone)];
            moved.UnionWith(raised);
            await redis.RunAsync("ZADD", [Marks, "XX", "GT", .. raised.SelectMany(name => (object[])[++epoch, name])]);
            if (random.Next(3) == 0)
            {
                gone.Add((string)((RedisResult[])await redis.RunAsync("ZPOPMIN", Marks))[0]!);
            }
        });

        // What was raised meanwhile comes with the stream, what is gone with the floor.
        Assert.Empty(names.Except(seen).Except(moved).Except(gone));
        Assert.NotEmpty(gone);
        Assert.NotEmpty(moved);
    }

    [Fact]
    public async Task Marks_RaisedFasterThanTheyAreRead_AreNotWaitedFor()
    {
        await using var redis = await RedisServer.StartAsync();
        var names = await FillAsync(redis, 20, 1);
        var epoch = Newest;
        var pages = 0;
        var seen = await ReadAsync(redis, async _ =>
        {
            Assert.InRange(++pages, 1, 20);
            await redis.RunAsync("ZADD", [Marks, .. Enumerable.Range(0, 50).SelectMany(_ => (object[])[++epoch, $"htlater{epoch}"])]);
        });

        Assert.Empty(names.Except(seen));
    }

    /// <summary>As a node does, with <paramref name="between"/> before each further call; the mark it stands at is told.</summary>
    private static async Task<HashSet<string>> ReadAsync(RedisServer redis, Func<string, Task> between)
    {
        var seen = new HashSet<string>(StringComparer.Ordinal);
        var channel = new FenceChannel(null!, new Calls(await redis.ClientAsync(), between), Keys, new BusLimits { MaxMarksRead = 7 }, new NodeName("test"));
        Assert.True(await channel.ReadMarksAsync(7, Newest, marks =>
        {
            while (marks.TryTake(out var raise))
            {
                Assert.Null(raise.Scope);
                seen.Add("ht" + raise.Name.Text);
            }
        }));
        return seen;
    }

    private static async Task<string[]> FillAsync(RedisServer redis, int count, int together)
    {
        string[] names = [.. Enumerable.Range(100, count).Select(i => $"ht{i.ToString(CultureInfo.InvariantCulture)}")];
        await redis.RunAsync("HSET", (string)Keys.State!, "incarnation", "7", "newest", Newest);
        await redis.RunAsync("ZADD", [Marks, .. names.SelectMany((name, i) => (object[])[1 + (i / together), name])]);
        return names;
    }

    /// <summary>Runs scripts as they are asked for, and something else before every one but the first.</summary>
    private sealed class Calls(IDatabase database, Func<string, Task> between) : IRedisCalls
    {
        public RedisLimits Limits { get; } = new();

        public bool HasOneClock => true;

        public Task<RedisReply<RedisValue[]>> FieldsAsync(string name, RedisKey key, RedisValue[] fields, TimeSpan timeLimit) => throw new NotSupportedException(name);

        public async Task<RedisReply<RedisResult>> EvaluateAsync(RedisScript script, RedisKey[] keys, RedisValue[] values, TimeSpan? timeLimit = null)
        {
            if (((string)values[1]!).Length > 0)
            {
                await between((string)values[0]!);
            }

            try
            {
                return new RedisReply<RedisResult>(RedisOutcome.Ok, await database.ExecuteAsync("EVAL", [script.Text, keys.Length, .. keys, .. values]));
            }
            catch (RedisServerException exception)
            {
                return new RedisReply<RedisResult>(RedisOutcome.Refused, null, exception.Message);
            }
        }

        public void OutOfStep() => throw new NotSupportedException();
    }
}
