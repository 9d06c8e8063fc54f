using CacheGateway.Diagnostics;
using CacheGateway.Model;
using CacheGateway.Pipeline;
using CacheGateway.Storage.Redis;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging.Abstractions;
using StackExchange.Redis;

namespace CacheGateway.FunctionalTests.Redis;

/// <summary>The two ways to ask a real Redis for an entry: fields alone while its clock was heard lately, the script whenever anything is in doubt.</summary>
public sealed class ReadingTests
{
    private static readonly CachePolicy Policy = new() { Name = "test", Profile = CacheProfile.Safe };

    [Fact]
    public async Task FieldsAlone_ForASecondAfterTheScriptToldTheTime()
    {
        await using var world = await World.StartAsync();
        var key = await world.StoreAsync("/x");

        Assert.Equal((1, "script"), await world.FindAsync(key));
        world.Time.AdvanceSeconds(1);
        Assert.Equal((1, "fields"), await world.FindAsync(key));
        world.Time.AdvanceSeconds(0.001);
        Assert.Equal((1, "script"), await world.FindAsync(key));
        Assert.Equal((1, "fields"), await world.FindAsync(key));
    }

    [Fact]
    public async Task AnotherConnection_OrSeveralServers_TheTimeIsAskedForAgain()
    {
        await using var world = await World.StartAsync();
        var key = await world.StoreAsync("/x");
        await world.FindAsync(key);

        world.Clock.Doubt();
        Assert.Equal((1, "script"), await world.FindAsync(key));
        Assert.Equal((1, "fields"), await world.FindAsync(key));

        world.Calls.HasOneClock = false;
        Assert.Equal((1, "script"), await world.FindAsync(key));
    }

    [Fact]
    public async Task Age_IsTheSame_EitherWay()
    {
        await using var world = await World.StartAsync();
        var key = await world.StoreAsync("/x", ageMs: 20_000);

        var byScript = (await world.ResponsesAsync(key)).Single();
        world.Time.AdvanceSeconds(0.5);
        var byFields = (await world.ResponsesAsync(key)).Single();

        Assert.Equal(["script", "fields"], world.Calls.Made);
        var now = Instant.MonotonicNow(world.Time);
        Assert.InRange(byScript.Freshness.AgeAt(now), 20_400, 40_000);
        // Redis' own clock goes on between the two, that of the test does not: what the second is judged by is what the first heard.
        Assert.InRange(byFields.Freshness.AgeAt(now) - byScript.Freshness.AgeAt(now), -1, 1);
    }

    /// <summary>It would count as received now each time that it is read, and take the place of what was fetched since Redis' clock was set back.</summary>
    [Theory]
    [InlineData(false, "script")]
    [InlineData(true, "fields, script")]
    [Fault("F-24", "Redis' clock was set back: what was stored before is not served in the place of what was fetched since, and goes")]
    public async Task StoredLaterThanItIsNow_IsAMiss_AndGoes(bool timeIsKnown, string way)
    {
        await using var world = await World.StartAsync();
        var other = await world.StoreAsync("/other");
        var key = await world.StoreAsync("/x", ageMs: -600_000);
        if (timeIsKnown)
        {
            await world.FindAsync(other);
        }

        Assert.Equal((0, way), await world.FindAsync(key));

        await Deadline.Until(async () => ((string[])(await world.Redis.RunAsync("HKEYS", world.EntryOf(key)))!).All(field => field[0] is 'v' or 'i'), "it goes");
        Assert.Equal(1, (await world.FindAsync(other)).Found);
    }

    [Theory]
    [InlineData("another entry")]
    [InlineData("another number of values")]
    [InlineData("a list lies there")]
    public async Task WhatIsInDoubt_IsAskedForByTheScript(string doubt)
    {
        await using var world = await World.StartAsync();
        var (key, other) = (await world.StoreAsync("/x"), await world.StoreAsync("/other"));
        await world.FindAsync(key);
        switch (doubt)
        {
            case "another entry":
                world.Calls.Instead = database => database.HashGetAsync(world.EntryOf(other), world.Calls.LastFields);
                break;
            case "another number of values":
                world.Calls.Instead = database => Task.FromResult<RedisValue[]>(["1", "2"]);
                break;
            default:
                var database = await world.Redis.ClientAsync();
                await database.KeyDeleteAsync(world.EntryOf(key));
                await database.ListLeftPushAsync(world.EntryOf(key), "x");
                break;
        }

        Assert.Equal((doubt == "a list lies there" ? 0 : 1, "fields, script"), await world.FindAsync(key));
        Assert.Equal(0, world.Calls.OutOfSteps);
    }

    [Fact]
    public async Task AnswerThatFailed_IsNotAskedForAgain_NeitherIsOneThatCameTooLate()
    {
        await using var world = await World.StartAsync();
        var key = await world.StoreAsync("/x");
        await world.FindAsync(key);

        world.Calls.Outcome = RedisOutcome.Timeout;
        Assert.Equal((0, "fields"), await world.FindAsync(key));

        world.Calls.Outcome = RedisOutcome.Ok;
        world.Calls.Instead = database =>
        {
            world.Time.Advance(world.Calls.Limits.ReadTimeout - TimeSpan.FromMilliseconds(9));
            return Task.FromResult<RedisValue[]>([]);
        };
        Assert.Equal((0, "fields"), await world.FindAsync(key));
    }

    [Fact]
    public async Task OneServer_HasOneClock_AClusterHasNot()
    {
        await using var one = await RedisServer.StartAsync();
        await using var cluster = await RedisCluster.StartAsync();

        Assert.True(await IsOneServerAsync(one.Address));
        Assert.False(await IsOneServerAsync(cluster.Addresses[0]));
    }

    private static async Task<bool> IsOneServerAsync(string address)
    {
        await using var connection = new RedisConnection(new RedisSettings { EndPoints = [address] }, NullLogger<RedisConnection>.Instance);
        var connected = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        connection.Connected += () => connected.TrySetResult();
        connection.Start();
        await Deadline.Within(connected.Task, "a connection");
        return connection.IsOneServer;
    }

    /// <summary>The tier of one gateway on a real server, and on a clock that stands still.</summary>
    private sealed class World : IAsyncDisposable
    {
        private const string Life = "7";

        private readonly EntryName _names = new("x");
        private readonly GatewayMetrics _metrics = new();
        private readonly RedisTier _tier;

        private World(RedisServer redis, IDatabase database)
        {
            Redis = redis;
            Calls = new Calls(database);
            var (bodies, codec, incarnation) = (new BodyNames(), new StoredResponseCodec(null), new Incarnation(() => Life));
            _tier = new RedisTier(
                Calls, new EntryReader(Calls, codec, incarnation, Clock, bodies, _metrics, Time), _names, codec, incarnation, Clock, bodies, _metrics, Time);
        }

        public RedisServer Redis { get; }

        public Calls Calls { get; }

        public ManualTime Time { get; } = new();

        public RedisClock Clock { get; } = new();

        public static async Task<World> StartAsync()
        {
            var redis = await RedisServer.StartAsync();
            return new World(redis, await redis.ClientAsync());
        }

        public string EntryOf(CacheKey key) => _names.Of(key.Text, key.Resource.Target);

        /// <summary>Writes a response, and forgets what the write told of Redis' time.</summary>
        public async Task<CacheKey> StoreAsync(string target, long ageMs = 0)
        {
            var text = $"v1|4:test|9:default@1|4:http|11:shared.test|{target.Length}:{target}|0:";
            var key = new CacheKey(text, new ResourceId("http", "shared.test", target, "default", HasRoute: true), text.IndexOf(target, StringComparison.Ordinal));
            var now = Instant.MonotonicNow(Time);
            await _tier.WriteAsync(new StoredResponse(key)
            {
                Status = 200,
                Headers = [],
                Body = BodySegments.Copy("a body"u8),
                Freshness = new Freshness { Lifetime = 60_000, Source = FreshnessSource.MaxAge, InitialAge = 0, ReceivedAt = now - ageMs },
                Vary = [],
                Tags = [],
                Epoch = 1,
                Date = Time.GetUtcNow(),
            }, Life, maxVariants: 4);
            Clock.Doubt();
            Calls.Made.Clear();
            return key;
        }

        public async Task<(int Found, string Way)> FindAsync(CacheKey key)
        {
            Calls.Made.Clear();
            var found = await ResponsesAsync(key);
            return (found.Length, string.Join(", ", Calls.Made));
        }

        public Task<StoredResponse[]> ResponsesAsync(CacheKey key) => _tier.FindAsync(key, new RequestHeaderSource(new HeaderDictionary()), Policy);

        public async ValueTask DisposeAsync()
        {
            _metrics.Dispose();
            await Redis.DisposeAsync();
        }
    }

    /// <summary>Calls as they are asked for, and which were reads.</summary>
    private sealed class Calls(IDatabase database) : IRedisCalls
    {
        public RedisLimits Limits { get; } = new();

        public bool HasOneClock { get; set; } = true;

        public List<string> Made { get; } = [];

        public RedisOutcome Outcome { get; set; }

        /// <summary>What comes in place of the fields that were asked for.</summary>
        public Func<IDatabase, Task<RedisValue[]>>? Instead { get; set; }

        public RedisValue[] LastFields { get; private set; } = [];

        public int OutOfSteps { get; private set; }

        public async Task<RedisReply<RedisResult>> EvaluateAsync(RedisScript script, RedisKey[] keys, RedisValue[] values, TimeSpan? timeLimit = null)
        {
            if (script == TierScripts.Read)
            {
                Made.Add("script");
            }

            return new RedisReply<RedisResult>(RedisOutcome.Ok, await database.ExecuteAsync("EVAL", [script.Text, keys.Length, .. keys, .. values]));
        }

        public async Task<RedisReply<RedisValue[]>> FieldsAsync(string name, RedisKey key, RedisValue[] fields, TimeSpan timeLimit)
        {
            Made.Add("fields");
            LastFields = fields;
            try
            {
                return Outcome == RedisOutcome.Ok
                    ? new RedisReply<RedisValue[]>(Outcome, Instead is { } instead ? await instead(database) : await database.HashGetAsync(key, fields))
                    : new RedisReply<RedisValue[]>(Outcome, null);
            }
            catch (RedisServerException refused)
            {
                return new RedisReply<RedisValue[]>(RedisOutcome.Refused, null, refused.Message);
            }
        }

        public void OutOfStep() => OutOfSteps++;
    }
}
