using CacheGateway.FunctionalTests.Redis;
using CacheGateway.Invalidation;
using CacheGateway.Invalidation.Redis;
using CacheGateway.Model;
using CacheGateway.Storage.Redis;
using StackExchange.Redis;

namespace CacheGateway.FunctionalTests.Invalidation;

/// <summary>A connection that lost its place answers with what another call asked for: never taken for an answer, and never an exception.</summary>
public sealed class FenceChannelTests
{
    private static readonly FencePosition Position = new(7, 1000, "1000-0");

    public static TheoryData<string> OtherAnswers { get; } = ["nil", "number", "text", "empty", "too short", "no numbers", "another's"];

    [Fact]
    public async Task Raise_ItsOwnAnswer_IsTaken()
    {
        await using var world = await World.StartAsync(values => Many((string)values[4]!, "7", "3000", "2000", "", "1", ""));

        Assert.Equal(new RaiseReply(7, 3000, 2000, false) { Replicas = 1 }, await world.Channel.RaiseAsync(Order(), Position));
        Assert.Equal(0, world.OutOfSteps);
    }

    [Theory]
    [MemberData(nameof(OtherAnswers))]
    [Fault("F-14", "An answer of Redis to another raise, or of another shape: not taken for this one's, and no exception")]
    public async Task Raise_AnotherAnswer_IsNone_AndTheConnectionIsGivenUp(string what)
    {
        await using var world = await World.StartAsync(values => Other(what, (string)values[4]!, Many("another order", "7", "3000", "2000", "", "0", "")));

        Assert.Null(await world.Channel.RaiseAsync(Order(), Position));
        Assert.Equal(1, world.OutOfSteps);
        Assert.NotNull(world.Channel.LastError);
    }

    [Theory]
    [MemberData(nameof(OtherAnswers))]
    public async Task Sync_AnotherAnswer_IsNone_AndTheConnectionIsGivenUp(string what)
    {
        await using var world = await World.StartAsync(values => Other(what, (string)values[9]!, Sync("the question before")));

        Assert.Null(await world.Channel.SyncAsync(Position, TimeSpan.FromSeconds(5), 1000));
        Assert.Equal(1, world.OutOfSteps);
    }

    [Fact]
    public async Task Sync_TheAnswerToTheOneBefore_IsNone()
    {
        string? before = null;
        await using var world = await World.StartAsync(values => before ??= Sync((string)values[9]!));

        Assert.NotNull(await world.Channel.SyncAsync(Position, TimeSpan.FromSeconds(5), 1000));
        Assert.Null(await world.Channel.SyncAsync(Position, TimeSpan.FromSeconds(5), 1000));
    }

    [Theory]
    [MemberData(nameof(OtherAnswers))]
    public async Task Marks_AnotherAnswer_IsNone_AndTheConnectionIsGivenUp(string what)
    {
        await using var world = await World.StartAsync(values => Other(what == "no numbers" ? "too short" : what, (string)values[3]!, Many("the page before", "", "", "")));

        Assert.False(await world.Channel.ReadMarksAsync(7, 1000, _ => { }));
        Assert.Equal(1, world.OutOfSteps);
    }

    [Fact]
    public async Task Eviction_AnotherAnswer_IsNone()
    {
        await using var world = await World.StartAsync(_ => Many("another question", "allkeys-lru"));

        Assert.Null(await world.Channel.EvictionAsync());
        Assert.Equal(1, world.OutOfSteps);
    }

    private static InvalidationOrder Order() => new()
    {
        Id = Invalidator.NewId(),
        Scope = new InvalidationScope { Tags = ["t"] },
        Source = InvalidationSource.UnsafeMethod,
    };

    /// <summary>In Lua, as all answers here: results are made by the client library alone.</summary>
    private static string Other(string what, string asked, string anothers) => what switch
    {
        "nil" => "false",
        "number" => "7",
        "text" => "{ok = 'OK'}",
        "empty" => "{}",
        "too short" => Many(asked, "7"),
        "no numbers" => Many(asked, "seven", "a", "b", "c", "d"),
        _ => anothers,
    };

    private static string Sync(string question) => $"{{'{question}', '7', '1000', '2000', {{}}, {{}}}}";

    private static string Many(params string[] parts) => $"{{{string.Join(", ", parts.Select(part => $"'{part}'"))}}}";

    /// <summary>A channel whose calls are answered with what a test says.</summary>
    private sealed class World : IRedisCalls, IAsyncDisposable
    {
        private readonly RedisServer _server;
        private readonly IDatabase _database;
        private readonly Func<RedisValue[], string> _answer;

        private World(RedisServer server, IDatabase database, Func<RedisValue[], string> answer)
        {
            (_server, _database, _answer) = (server, database, answer);
            Channel = new FenceChannel(null!, this, new FenceKeys("test"), new BusLimits(), new NodeName("a"));
        }

        public FenceChannel Channel { get; }

        public RedisLimits Limits { get; } = new();

        public bool HasOneClock => true;

        public int OutOfSteps { get; private set; }

        public static async Task<World> StartAsync(Func<RedisValue[], string> answer)
        {
            var server = await RedisServer.StartAsync();
            return new World(server, await server.ClientAsync(), answer);
        }

        public async Task<RedisReply<RedisResult>> EvaluateAsync(RedisScript script, RedisKey[] keys, RedisValue[] values, TimeSpan? timeLimit = null) =>
            new(RedisOutcome.Ok, await _database.ExecuteAsync("EVAL", "return " + _answer(values), 0));

        public Task<RedisReply<RedisValue[]>> FieldsAsync(string name, RedisKey key, RedisValue[] fields, TimeSpan timeLimit) => throw new NotSupportedException(name);

        public void OutOfStep() => OutOfSteps++;

        public ValueTask DisposeAsync() => _server.DisposeAsync();
    }
}
