using CacheGateway.Diagnostics;
using CacheGateway.Diagnostics.Traffic;
using CacheGateway.Invalidation;
using CacheGateway.Invalidation.Redis;
using CacheGateway.Model;
using CacheGateway.Pipeline;
using CacheGateway.Pipeline.Resilience;
using CacheGateway.Policies;
using CacheGateway.Storage;
using CacheGateway.Storage.Redis;
using Microsoft.Extensions.Logging.Abstractions;

namespace CacheGateway.Interleavings;

/// <summary>
/// One gateway: the product's own classes from the middleware to the bus, wired as its application wires them, on a clock and a connection of the
/// world.
/// </summary>
internal sealed class GatewayNode : IDisposable
{
    private static readonly IServiceScopeFactory Scopes = new ServiceCollection().BuildServiceProvider().GetRequiredService<IServiceScopeFactory>();

    /// <summary>Shared: nothing that the origin answers is ever remembered as uncacheable.</summary>
    private static readonly UncacheableMemory Uncacheable = new();

    /// <summary>Shared: it only counts. Its clock stands still.</summary>
    private static readonly TrafficRecorder Traffic = new(new NodeTime(new Timeline(), TimeSpan.Zero));

    private static readonly FixedPolicies Policies = new(Origin.Policies);

    private readonly CacheMiddleware _middleware;
    private readonly RedisInvalidationBus _bus;
    private readonly RedisWrites _writes;
    private readonly FenceChannel _channel;

    public GatewayNode(World world, string name, int life, GatewayMetrics metrics)
    {
        Name = name;
        Process = $"{name}{life}";
        Context = new NodeContext(world, this);
        Time = new NodeTime(world.Timeline, TimeSpan.FromSeconds((name[0] % 3) - 1));
        Wire = new NodeWire(world, this);
        var setting = world.Setting;
        var node = new NodeName(name);
        var limits = new GatewayLimits();

        Memory = new MemoryTier(1024 * 1024);
        Epochs = new TagEpochs(Time, setting.NodeMarks, 16) { MaxBlind = Setting.MaxBlind };
        var incarnation = Incarnation.Of(Epochs);
        var (clock, bodies, codec) = (new RedisClock(), new BodyNames(), new StoredResponseCodec(null));
        var reader = new EntryReader(Wire, codec, incarnation, clock, bodies, metrics, Time);
        var tier = new RedisTier(Wire, reader, new EntryName("x"), codec, incarnation, clock, bodies, metrics, Time);
        _writes = new RedisWrites(Wire, tier, Epochs, metrics, Time, NullLogger<RedisWrites>.Instance);
        var store = new TieredStore(Memory, tier, _writes);

        Replica = new FenceReplica(Epochs);
        _channel = new FenceChannel(Wire, Wire, World.FenceKeys, setting.Limits, node);
        _bus = new RedisInvalidationBus(
            _channel, Replica, Epochs, setting.Limits, node, new BusMetrics(metrics), Time, NullLogger<RedisInvalidationBus>.Instance);
        Invalidator = new Invalidator(_bus, Policies, metrics, NullLogger<Invalidator>.Instance);

        var budget = new FillBudget(Memory, limits.InFlightShare);
        var statusKey = new StatusKey(isShown: false);
        var sender = new ResponseSender(Traffic, Memory, limits, statusKey, Time);
        var targeted = new TargetedFields([]);
        var unstored = new UnstoredAnswers(store, Uncacheable, new RefusedResponses(targeted, Time), targeted, metrics);
        var admission = new ResponseAdmission(store, Epochs, unstored, targeted, new RefreshFigures(Epochs, Traffic, metrics), metrics);
        var gate = new FillGate(Epochs, limits, new OriginLimits(), Time);
        var failures = new OriginFailureLog(Time, NullLogger<OriginFailureLog>.Instance);
        var fetch = new OriginFetch(gate, admission, unstored, Epochs, budget, Memory, limits, Scopes, Time, metrics, Traffic, failures, NullLogger<OriginFetch>.Instance);
        var pass = new PassThrough(admission, unstored, Epochs, budget, sender, Traffic, statusKey, Time, failures, metrics);
        _middleware = new CacheMiddleware(
            http => world.Origin.ForwardAsync(http, this), new RequestKeying(Policies, new DefaultPolicy(null, true), new KeyBuilder("x.1"), Time), store, Epochs, Uncacheable,
            new OriginRoundTrip(gate, fetch, store, Epochs, sender, pass, Time), pass, new UnsafeRequests(Policies, new DefaultPolicy(null, true), Invalidator, new LateRaises(Time, NullLogger<LateRaises>.Instance), pass, Traffic, Time, NullLogger<UnsafeRequests>.Instance),
            new BackgroundRefresher(gate, fetch, new RefreshBudget(0, Time), metrics, Time), sender, new LoopGuard(), new Shortcuts(Policies, store), Time);
    }

    /// <summary>Its <c>--node</c>, which it shares with those that took or will take its place.</summary>
    public string Name { get; }

    public string Process { get; }

    public NodeContext Context { get; }

    public NodeTime Time { get; }

    public NodeWire Wire { get; }

    public MemoryTier Memory { get; }

    public TagEpochs Epochs { get; }

    public FenceReplica Replica { get; }

    public Invalidator Invalidator { get; }

    public bool IsPaused { get; set; }

    public bool IsDead { get; private set; }

    public bool IsTrusted => Epochs.IsTrusted(Instant.MonotonicNow(Time));

    public IReadOnlyList<string> Warnings => _bus.Warnings;

    public void Start()
    {
        _ = _bus.StartAsync(CancellationToken.None);
        _ = _writes.StartAsync(CancellationToken.None);
    }

    public Task HandleAsync(HttpContext http) => _middleware.InvokeAsync(http);

    /// <summary>As by SIGKILL: nothing of it happens any more.</summary>
    public void Dispose()
    {
        IsDead = true;
        _bus.Dispose();
        _writes.Dispose();
        Time.Timers.Clear();
        NodeInstance.Own.TryRemove(_channel.Instance, out _);
    }
}
