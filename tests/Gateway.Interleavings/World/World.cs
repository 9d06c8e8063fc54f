using CacheGateway.Diagnostics;
using CacheGateway.Interleavings.Redis;
using CacheGateway.Invalidation.Redis;

namespace CacheGateway.Interleavings;

/// <summary>
/// One schedule: nodes, Redis, origin and clients on one thread and one clock. What may happen lies in the agenda, the choices say what happens
/// next, and everything that follows at once is done before the next choice. When the choices are spent, all is healed and goes to its end.
/// </summary>
internal sealed class World : IDisposable
{
    public static readonly FenceKeys FenceKeys = new("x");

    private readonly GatewayMetrics _metrics = new();
    private readonly List<string>? _trace;
    private long _stamp;
    private int _lives;

    public World(Choices choices, IScriptServer server, bool traces)
    {
        Choices = choices;
        Server = server;
        _trace = traces ? [] : null;
        Setting = Setting.Draw(choices);
        Origin = new Origin(this);
        Clients = new Clients(this);
        Agenda = new Agenda(this);
        Passage = new Passage(this);
        Faults = new Faults(this);
        Redis = new RedisFaults(this);
        server.Restart("run0", null);
        Found();
        for (var i = 0; i < Setting.Nodes; i++)
        {
            Nodes.Add(NewNode(((char)('a' + i)).ToString()));
        }
    }

    public Choices Choices { get; }

    public Setting Setting { get; }

    public Timeline Timeline { get; } = new();

    public IScriptServer Server { get; }

    public Origin Origin { get; }

    public Clients Clients { get; }

    public Ledger Ledger { get; } = new();

    public Agenda Agenda { get; }

    public Passage Passage { get; }

    public Faults Faults { get; }

    public RedisFaults Redis { get; }

    /// <summary>Those that live, or are paused.</summary>
    public List<GatewayNode> Nodes { get; } = [];

    /// <summary>What went wrong first.</summary>
    public string? Failure { get; private set; }

    public IReadOnlyList<string> Story => _trace ?? [];

    public long Stamp() => ++_stamp;

    public void Trace(string line) => _trace?.Add($"{Timeline.Ticks / TimeSpan.TicksPerMillisecond % 3_600_000,8} ms {_stamp,5}  {line}");

    public void Fail(string why)
    {
        Trace("FAILED: " + why);
        Failure ??= why;
    }

    /// <summary>One of those, as the schedule chooses.</summary>
    public T Some<T>(IReadOnlyList<T> of) => of[Choices.Next(of.Count)];

    /// <summary>A new node of that name in this place.</summary>
    public GatewayNode PutInto(int place, string name) => Nodes[place] = NewNode(name);

    public void Published(string message)
    {
        foreach (var node in Nodes)
        {
            node.Wire.Hear(message);
        }
    }

    public async Task RunAsync()
    {
        foreach (var node in Nodes)
        {
            node.Start();
        }

        if (Choices.Next(4) > 0)
        {
            await Passage.CalmAsync(TimeSpan.FromMilliseconds(20));
        }

        var deeds = new Deeds(this);
        while (!Choices.AreSpent && Failure is null)
        {
            await Passage.QuietAsync();
            await deeds.ChooseAsync();
        }

        await new Ending(this).RunAsync();
    }

    public void Dispose()
    {
        foreach (var node in Nodes)
        {
            node.Dispose();
        }

        _metrics.Dispose();
    }

    /// <summary>
    /// The deployment is older than the schedule: with an empty Redis at its beginning, every receipt would name those whom Redis may have forgotten.
    /// </summary>
    private void Found()
    {
        Server.Evaluate(FenceScripts.Sync, FenceKeys.Group, ["1", "0", "0", "", "founder", "founder", "0-0", "1", "1", "founding"], Redis.Now, _ => { });
        Server.Evaluate(FenceScripts.Leave, [FenceKeys.Group[3]], ["founder"], Redis.Now, _ => { });
    }

    private GatewayNode NewNode(string name) => new(this, name, ++_lives, _metrics);
}
