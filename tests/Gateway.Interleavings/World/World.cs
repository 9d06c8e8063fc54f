using CacheGateway.Diagnostics;
using CacheGateway.Interleavings.Redis;
using CacheGateway.Invalidation.Redis;

namespace CacheGateway.Interleavings;

/// <summary>
/// One schedule: nodes, Redis, origin and clients on one thread and one clock. What may happen lies in a list, the choices say what happens
/// next, and everything that follows at once is done before the next choice. When the choices are spent, all is healed and goes to its end.
/// </summary>
internal sealed class World : IDisposable
{
    public static readonly FenceKeys FenceKeys = new("x");

    /// <summary>Happenings in a row without any time passing: beyond, something turns in a circle.</summary>
    private const int LongestMoment = 2000;

    private readonly List<Happening> _waiting = [];
    private readonly HashSet<object> _blocked = [];
    private readonly GatewayMetrics _metrics = new();
    private readonly List<string>? _trace;
    private readonly List<GatewayNode> _nodes = [];
    private long _stamp;
    private int _lives;
    private int _runs;
    private object? _saved;
    private long _redisAhead;

    public World(Choices choices, IScriptServer server, bool traces)
    {
        Choices = choices;
        Server = server;
        _trace = traces ? [] : null;
        Setting = Setting.Draw(choices);
        Origin = new Origin(this);
        Clients = new Clients(this);
        server.Restart("run0", null);
        for (var i = 0; i < Setting.Nodes; i++)
        {
            _nodes.Add(NewNode(((char)('a' + i)).ToString()));
        }
    }

    public Choices Choices { get; }

    public Setting Setting { get; }

    public Timeline Timeline { get; } = new();

    public IScriptServer Server { get; }

    public Origin Origin { get; }

    public Clients Clients { get; }

    public Ledger Ledger { get; } = new();

    /// <summary>Those that live, or are paused.</summary>
    public IReadOnlyList<GatewayNode> Nodes => _nodes;

    /// <summary>What went wrong first.</summary>
    public string? Failure { get; private set; }

    public IReadOnlyList<string> Story => _trace ?? [];

    public long RedisNow => Timeline.Micros + _redisAhead;

    public long Stamp() => ++_stamp;

    public void Trace(string line) => _trace?.Add($"{Timeline.Ticks / TimeSpan.TicksPerMillisecond % 3_600_000,8} ms {_stamp,5}  {line}");

    public void Fail(string why)
    {
        Trace("FAILED: " + why);
        Failure ??= why;
    }

    public void Add(Happening happening) => _waiting.Add(happening);

    /// <summary>A moment that the schedule chooses.</summary>
    public Task MomentAsync(string what, GatewayNode? owner, CancellationToken cancellation)
    {
        var moment = new TaskCompletionSource();
        var happening = new Happening(what, owner, null, () => moment.TrySetResult());
        Add(happening);
        if (cancellation.CanBeCanceled)
        {
            cancellation.UnsafeRegister(_ =>
            {
                _waiting.Remove(happening);
                moment.TrySetCanceled(cancellation);
            }, null);
        }

        return moment.Task;
    }

    /// <summary>Takes all that is under way on a connection.</summary>
    public List<Happening> TakeLane(object lane)
    {
        var taken = _waiting.FindAll(happening => happening.Lane == lane);
        _waiting.RemoveAll(happening => happening.Lane == lane);
        return taken;
    }

    public void Published(string message)
    {
        foreach (var node in _nodes)
        {
            node.Wire.Hear(message);
        }
    }

    public async Task RunAsync()
    {
        foreach (var node in _nodes)
        {
            node.Start();
        }

        if (Choices.Next(4) > 0)
        {
            await CalmAsync(TimeSpan.FromMilliseconds(20));
        }

        while (!Choices.AreSpent && Failure is null)
        {
            await QuietAsync();
            await ChooseAsync();
        }

        await EndAsync();
    }

    public void Dispose()
    {
        foreach (var node in _nodes)
        {
            node.Dispose();
        }

        _metrics.Dispose();
    }

    /// <summary>
    /// Lets everything finish that needs nothing from outside. The pool has one thread, which is this one: what is queued there runs before
    /// this goes on.
    /// </summary>
    private static async Task QuietAsync()
    {
        do
        {
            await Task.Yield();
        }
        while (ThreadPool.PendingWorkItemCount > 0);
    }

    private async Task ChooseAsync()
    {
        var total = 0;
        foreach (var weight in Setting.Weights)
        {
            total += weight;
        }

        var at = Choices.Next(total);
        var deed = 0;
        while (at >= Setting.Weights[deed])
        {
            at -= Setting.Weights[deed++];
        }

        await DoAsync((Deed)deed);
    }

    private async Task DoAsync(Deed deed)
    {
        switch (deed)
        {
            case Deed.Tick:
                Tick(long.MaxValue);
                break;
            case Deed.Calm:
                await CalmAsync(TimeSpan.FromMilliseconds(Choices.Next(3) switch { 0 => 30, 1 => 600, _ => 2500 }));
                break;
            case Deed.Get:
                Clients.Get(Some(_nodes), Some(Setting.Targets));
                break;
            case Deed.Invalidate:
                Clients.Invalidate(Some(_nodes), Some(Setting.Targets));
                break;
            case Deed.Post:
                Clients.Post(Some(_nodes), Some(Setting.Targets));
                break;
            case Deed.EvictMemory:
                EvictMemory(Some(_nodes));
                break;
            case Deed.EvictShared when Server.Keys("x:r1:") is { Count: > 0 } keys:
                Trace("Redis drops a stored response");
                Server.Delete(Some(keys));
                break;
            case Deed.Cut when _nodes.FindAll(node => !node.Wire.IsCut) is { Count: > 0 } whole:
                Cut(Some(whole));
                break;
            case Deed.Heal when _nodes.FindAll(node => node.Wire.IsCut) is { Count: > 0 } cut:
                Heal(Some(cut));
                break;
            case Deed.Pause when _nodes.FindAll(node => !node.IsPaused) is { Count: > 0 } going:
                Pause(Some(going), true);
                break;
            case Deed.Resume when _nodes.FindAll(node => node.IsPaused) is { Count: > 0 } paused:
                Pause(Some(paused), false);
                break;
            case Deed.Leap:
                Leap(TimeSpan.FromMilliseconds(Choices.Next(4) switch { 0 => 5, 1 => 60, 2 => 900, _ => 1600 }));
                break;
            case Deed.Lose or Deed.Double when _waiting.FindAll(one => one.MayBeLost) is { Count: > 0 } messages:
                LoseOrDouble(Some(messages), deed == Deed.Lose);
                break;
            case Deed.Fail:
                Origin.Fails = !Origin.Fails;
                Trace(Origin.Fails ? "the origin is ill" : "the origin is well");
                break;
            case Deed.Abandon:
                Clients.Abandon();
                break;
            case Deed.Replace:
                Replace(Choices.Next(_nodes.Count));
                break;
            case Deed.Save:
                Trace("Redis writes a snapshot");
                _saved = Server.Save();
                break;
            case Deed.RestartEmpty:
                Restart(null, "empty");
                break;
            case Deed.RestartOld:
                Restart(Choices.Next(2) == 0 && _saved is not null ? _saved : Server.Save(), "with data");
                break;
            case Deed.LoseKey:
                var key = (string)FenceKeys.Group[Choices.Next(FenceKeys.Group.Length)]!;
                Trace($"Redis loses {key}");
                Server.Delete(key);
                break;
            case Deed.Trim:
                Trace("Redis trims the stream");
                Server.Trim((string)FenceKeys.Group[2]!);
                break;
            case Deed.SetClock:
                _redisAhead += (Choices.Next(2) == 0 ? 1 : -1) * 5_000_000L;
                Trace("Redis' clock is set");
                break;
            default:
                if (!Happen(Choices))
                {
                    Tick(long.MaxValue);
                }

                break;
        }
    }

    private T Some<T>(IReadOnlyList<T> of) => of[Choices.Next(of.Count)];

    private GatewayNode NewNode(string name) => new(this, name, ++_lives, _metrics);

    /// <summary>Does one of the things that may happen now; the oldest where no choices are given.</summary>
    private bool Happen(Choices? choices)
    {
        _blocked.Clear();
        var may = new List<int>();
        for (var i = 0; i < _waiting.Count; i++)
        {
            var one = _waiting[i];
            if ((one.Lane is null || _blocked.Add(one.Lane)) && one.Owner is not ({ IsPaused: true } or { IsDead: true }))
            {
                may.Add(i);
                if (choices is null)
                {
                    break;
                }
            }
        }

        if (may.Count == 0)
        {
            return false;
        }

        var at = may[choices?.Next(may.Count) ?? 0];
        var happening = _waiting[at];
        _waiting.RemoveAt(at);
        Stamp();
        Trace(happening.What);
        happening.Run();
        return true;
    }

    /// <summary>Moves the clock to the next timer, not beyond <paramref name="limit"/>, and fires it.</summary>
    private bool Tick(long limit)
    {
        NodeTimer? next = null;
        foreach (var node in _nodes)
        {
            foreach (var timer in node.IsPaused ? [] : node.Time.Timers)
            {
                next = next is null || timer.Due < next.Due ? timer : next;
            }
        }

        if (next is null || next.Due > limit)
        {
            return false;
        }

        Timeline.MoveTo(next.Due);
        Stamp();
        next.Fire();
        return true;
    }

    /// <summary>All that waits happens in its order, and the timers as they come, for so long.</summary>
    private async Task CalmAsync(TimeSpan time)
    {
        Trace($"calm for {time.TotalMilliseconds} ms");
        var end = Timeline.Ticks + time.Ticks;
        var count = 0;
        var since = Timeline.Ticks;
        while (Failure is null)
        {
            await QuietAsync();
            if (Timeline.Ticks != since)
            {
                (since, count) = (Timeline.Ticks, 0);
            }
            else if (++count > LongestMoment)
            {
                Fail("something turns in a circle and never waits");
            }

            if (!Happen(null) && !Tick(end))
            {
                Timeline.MoveTo(end);
                return;
            }
        }
    }

    private void Leap(TimeSpan time)
    {
        Trace($"{time.TotalMilliseconds} ms pass and nothing happens");
        Timeline.MoveTo(Timeline.Ticks + time.Ticks);
    }

    private void EvictMemory(GatewayNode node)
    {
        var keys = node.Memory.Snapshot().Select(set => set.Key).Order(StringComparer.Ordinal).ToList();
        if (keys.Count > 0)
        {
            Trace($"{node.Name} has no room for something");
            node.Memory.Remove(Some(keys));
        }
    }

    private void Cut(GatewayNode node)
    {
        var isLoud = Choices.Next(2) == 0;
        var comesLate = Choices.Next(2) == 1;
        Trace($"{node.Name} is cut from Redis{(isLoud ? "" : ", and does not know it")}{(comesLate ? "; what is under way comes late" : "")}");
        node.Wire.Cut(isLoud, comesLate);
    }

    private void Heal(GatewayNode node)
    {
        Trace($"{node.Name} reaches Redis again");
        node.Wire.Heal();
    }

    private void Pause(GatewayNode node, bool pauses)
    {
        Trace($"{node.Name} {(pauses ? "stops" : "goes on")}");
        node.IsPaused = pauses;
    }

    private void LoseOrDouble(Happening message, bool loses)
    {
        Trace($"{(loses ? "lost" : "twice")}: {message.What}");
        if (loses)
        {
            _waiting.Remove(message);
        }
        else
        {
            Add(message with { Lane = null });
        }
    }

    private void Replace(int place)
    {
        var gone = _nodes[place];
        Trace($"{gone.Name} is killed, and started anew");
        gone.Wire.Cut(isLoud: false, comesLate: Choices.Next(2) == 1);
        gone.Dispose();
        _waiting.RemoveAll(happening => happening.Owner == gone);
        Clients.Forget(gone);
        _nodes[place] = NewNode(gone.Name);
        _nodes[place].Start();
    }

    private void Restart(object? saved, string how)
    {
        Trace($"Redis restarts {how}");
        foreach (var node in _nodes)
        {
            if (!node.Wire.IsCut)
            {
                node.Wire.Cut(isLoud: true, comesLate: false);
                node.Wire.Heal();
            }
        }

        Server.Restart($"run{++_runs}", saved);
    }

    /// <summary>All heals; whoever waits must get an answer, every node must see again, and nothing that was said may be forgotten.</summary>
    private async Task EndAsync()
    {
        if (Failure is not null)
        {
            return;
        }

        Trace("all is healed");
        Origin.Fails = false;
        foreach (var node in _nodes)
        {
            node.IsPaused = false;
            if (node.Wire.IsCut)
            {
                Heal(node);
            }
        }

        for (var i = 0; i < 5 && Failure is null && (i == 0 || !IsSettled()); i++)
        {
            await CalmAsync(TimeSpan.FromSeconds(3));
        }

        if (Failure is null && !IsSettled())
        {
            Fail($"not settled: {Clients.Waiting} requests wait, {string.Join("; ", _nodes.SelectMany(node => node.Warnings.Select(warning => $"{node.Name}: {warning}")))}");
            return;
        }

        Clients.Settle();
        foreach (var node in _nodes)
        {
            foreach (var target in Setting.Targets)
            {
                Clients.Get(node, target, plain: true);
            }
        }

        await CalmAsync(TimeSpan.FromSeconds(1));
        if (Failure is null && Clients.Waiting > 0)
        {
            Fail($"{Clients.Waiting} requests hang");
        }
    }

    private bool IsSettled() => Clients.Waiting == 0 && _nodes.TrueForAll(node => node.IsTrusted && node.Warnings.Count == 0);
}
