using CacheGateway.Interleavings.Redis;
using CacheGateway.Storage.Redis;
using StackExchange.Redis;

namespace CacheGateway.Interleavings;

/// <summary>
/// One node's connection to Redis, in place of the client library and its guard: calls and answers travel in order, run out of time by the node's
/// clock, and are lost, or arrive late, when the connection breaks.
/// </summary>
internal sealed class NodeWire(World world, GatewayNode node) : IRedisCalls, IRedisLink
{
    private readonly List<Call> _open = [];
    private Lanes _lanes = new();
    private bool _isUp = true;
    private Action<RedisValue>? _heard;
    private bool _listens;

    public RedisLimits Limits { get; } = new();

    public event Action? Connected;

    public object? Line => this;

    /// <summary>Whether nothing arrives on either side.</summary>
    public bool IsCut { get; private set; }

    public void Start()
    {
        // It is connected from the beginning.
    }

    public void OutOfStep() => throw new InvalidOperationException("An answer came to another question.");

    public Task<RedisReply<RedisResult>> EvaluateAsync(RedisScript script, RedisKey[] keys, RedisValue[] values, TimeSpan? timeLimit = null) =>
        SendAsync(script.Name, server => server.Evaluate(script, keys, values, world.Redis.Now, world.Published), timeLimit ?? Limits.ReadTimeout);

    public bool HasOneClock => true;

    /// <summary>What the script answers, without what it says of the key and the time.</summary>
    public async Task<RedisReply<RedisValue[]>> FieldsAsync(string name, RedisKey key, RedisValue[] fields, TimeSpan timeLimit)
    {
        var reply = await EvaluateAsync(TierScripts.Read, [key], fields, timeLimit);
        return new RedisReply<RedisValue[]>(reply.Outcome, reply.IsOk ? (RedisValue[]?)((RedisResult[])reply.Value!)[2] : null, reply.Error);
    }

    public Task SubscribeAsync(RedisChannel channel, Action<RedisValue> heard)
    {
        _heard = heard;
        return SendAsync("subscribe", Listen, TimeSpan.FromSeconds(5));
    }

    /// <summary>Redis said something on the channel.</summary>
    public void Hear(string message)
    {
        if (_listens && !IsCut)
        {
            world.Agenda.Add(new Happening($"{node.Name} hears of {message}", node, _lanes.Heard, () => _heard?.Invoke(message)) { MayBeLost = true });
        }
    }

    /// <summary>Breaks the connection. What was under way to Redis is lost, or comes there some time later.</summary>
    /// <param name="isLoud">Whether the node learns of it at once; otherwise its calls run out of time.</param>
    /// <param name="comesLate">Whether what is under way arrives all the same.</param>
    public void Cut(bool isLoud, bool comesLate)
    {
        IsCut = true;
        _listens = false;
        foreach (var late in world.Agenda.TakeLane(_lanes.Out))
        {
            if (comesLate)
            {
                world.Agenda.Add(late with { What = late.What + ", late", Lane = null });
            }
        }

        world.Agenda.TakeLane(_lanes.In);
        world.Agenda.TakeLane(_lanes.Heard);
        _lanes = new Lanes();
        if (isLoud)
        {
            _isUp = false;
            var lost = _open.ToArray();
            world.Agenda.Add(new Happening($"{node.Name} loses its connection", node, null, () => Fail(lost)));
        }
    }

    public void Heal()
    {
        IsCut = false;
        world.Agenda.Add(new Happening($"{node.Name} is connected again", node, null, () =>
        {
            if (IsCut)
            {
                return;
            }

            // What was sent on the connection that is gone will not be answered.
            Fail([.. _open.Where(call => call.IsSent)]);

            _isUp = true;
            foreach (var call in _open.ToArray())
            {
                Transmit(call);
            }

            if (_heard is not null)
            {
                Transmit(new Call("subscribe", Listen));
            }

            Connected?.Invoke();
        }));
    }

    private Reply Listen(IScriptServer server)
    {
        _listens = true;
        return Reply.Nil;
    }

    private void Fail(Call[] calls)
    {
        foreach (var call in calls)
        {
            Complete(call, new RedisReply<RedisResult>(RedisOutcome.Disconnected, null));
        }
    }

    private Task<RedisReply<RedisResult>> SendAsync(string what, Func<IScriptServer, Reply> run, TimeSpan limit)
    {
        if (!_isUp && !world.Setting.QueuesWhileCut)
        {
            return Task.FromResult(new RedisReply<RedisResult>(RedisOutcome.Disconnected, null));
        }

        var call = new Call(what, run);
        _open.Add(call);
        call.Limit = node.Time.CreateTimer(_ => Complete(call, new RedisReply<RedisResult>(RedisOutcome.Timeout, null)), null, limit, Timeout.InfiniteTimeSpan);
        if (_isUp)
        {
            Transmit(call);
        }

        return call.Answer.Task;
    }

    private void Transmit(Call call)
    {
        if (IsCut)
        {
            call.IsSent = true;
            return;
        }

        var lanes = _lanes;
        call.IsSent = true;
        world.Agenda.Add(new Happening($"Redis does {node.Name}'s {call.What}", null, lanes.Out, () =>
        {
            var reply = call.Run(world.Server);
            if (lanes != _lanes)
            {
                return;
            }

            world.Trace($"    -> {reply.Describe()}");
            world.Agenda.Add(new Happening($"{node.Name} has the answer to {call.What}", node, lanes.In, () => Complete(call, reply is Reply.Error error
                ? new RedisReply<RedisResult>(RedisOutcome.Refused, null, error.Message)
                : new RedisReply<RedisResult>(RedisOutcome.Ok, reply.ToResult()))));
        }));
    }

    private void Complete(Call call, RedisReply<RedisResult> reply)
    {
        if (_open.Remove(call))
        {
            call.Limit?.Dispose();
            call.Answer.SetResult(reply);
        }
    }

    private sealed class Call(string what, Func<IScriptServer, Reply> run)
    {
        public string What => what;

        public Func<IScriptServer, Reply> Run => run;

        public TaskCompletionSource<RedisReply<RedisResult>> Answer { get; } = new();

        public ITimer? Limit { get; set; }

        public bool IsSent { get; set; }
    }

    private sealed class Lanes
    {
        public object Out { get; } = new();

        public object In { get; } = new();

        public object Heard { get; } = new();
    }
}
