using System.Diagnostics.Metrics;
using CacheGateway.Diagnostics;
using CacheGateway.Diagnostics.Traffic;
using CacheGateway.Pipeline;
using CacheGateway.Policies;

namespace CacheGateway.Operations.Alerts;

/// <summary>
/// Looks at everything after each slot of traffic and holds which alerts fire. What begins or ends is logged, told to listeners and a metric.
/// </summary>
internal sealed class AlertBoard : IDisposable
{
    private const int MostEnded = 50;

    private readonly Lock _gate = new();
    private readonly TrafficRecorder _traffic;
    private readonly GatewayFactReader _facts;
    private readonly IPolicySource _policies;
    private readonly DefaultPolicy _defaults;
    private readonly AlertSettings _settings;
    private readonly LiveFeed _feed;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly Queue<EndedAlert> _ended = new();
    private Dictionary<(string Rule, string Subject), AlertState> _states = [];
    private volatile Alert[] _firing = [];

    public AlertBoard(
        TrafficRecorder traffic, GatewayFactReader facts, IPolicySource policies, DefaultPolicy defaults, AlertSettings settings, LiveFeed feed, GatewayMetrics metrics, TimeProvider time,
        ILogger<AlertBoard> logger)
    {
        _traffic = traffic;
        _facts = facts;
        _policies = policies;
        _defaults = defaults;
        _settings = settings;
        _feed = feed;
        _time = time;
        _logger = logger;
        metrics.Gauges("cachegateway.alert", null, "1 for each alert that fires, by rule and policy; 0 after it ended.", Measure);
        traffic.SlotClosed += Look;
    }

    /// <summary>The critical first, then the oldest.</summary>
    public IReadOnlyList<Alert> Firing => _firing;

    /// <summary>The newest first.</summary>
    public IReadOnlyList<EndedAlert> Ended
    {
        get
        {
            lock (_gate)
            {
                return [.. _ended.Reverse()];
            }
        }
    }

    public void Dispose() => _traffic.SlotClosed -= Look;

    /// <summary>One look; after each slot.</summary>
    private void Look()
    {
        var policies = _traffic.Policies.Select(policy => (policy.Name, Counts: policy.History.Window(_settings.Window))).ToArray();
        var noPolicy = policies.FirstOrDefault(policy => policy.Name == TrafficRecorder.NoPolicy).Counts ?? TrafficCounts.None;
        var table = _policies.Current;
        // Where caching is off, no policy is meant to take anything.
        var hasPolicies = table.Policies.Count > 0 && _defaults.SwitchedOffBy(table) is null;
        IEnumerable<AlertLook> looks =
        [
            .. StateRules.Of(_facts.Read(), _settings),
            .. TrafficRules.OfAll(TrafficCounts.Sum(policies.Select(policy => policy.Counts)), noPolicy, hasPolicies, _settings),
            .. policies.SelectMany(policy => TrafficRules.OfPolicy(policy.Name, policy.Counts, _settings)),
        ];
        lock (_gate)
        {
            var now = _time.GetUtcNow();
            var states = new Dictionary<(string Rule, string Subject), AlertState>();
            foreach (var look in looks)
            {
                var before = _states.GetValueOrDefault((look.Rule, look.Subject));
                var after = AlertState.Next(before, look, _settings.Looks, now);
                states[(look.Rule, look.Subject)] = after;
                Tell(before, after, now);
            }

            foreach (var (about, state) in _states)
            {
                if (!states.ContainsKey(about))
                {
                    // Its rule is asked no more: nothing is wrong by it.
                    Tell(state, state with { Since = null }, now);
                }
            }

            _states = states;
            _firing = [.. states.Values.Where(state => state.IsFiring).OrderBy(state => state.Last.Severity, StringComparer.Ordinal).ThenBy(state => state.Since).Select(Alert.Of)];
        }
    }

    private void Tell(AlertState? before, AlertState after, DateTimeOffset now)
    {
        if (after.IsFiring && before?.IsFiring != true)
        {
            _logger.AlertBegan(after.Last.Rule, after.Last.Subject, after.Last.Title, after.Last.Recommendation);
            _feed.Publish("alert", Alert.Of(after));
        }
        else if (before is { IsFiring: true } && !after.IsFiring)
        {
            _logger.AlertEnded(after.Last.Rule, after.Last.Subject);
            var ended = new EndedAlert(before.Last.Rule, before.Last.Subject, before.Last.Title, before.Since!.Value, now);
            if (_ended.Count >= MostEnded)
            {
                _ended.Dequeue();
            }

            _ended.Enqueue(ended);
            _feed.Publish("alert-ended", ended);
        }
    }

    private Measurement<double>[] Measure()
    {
        lock (_gate)
        {
            return [.. _states.Values.Select(state => new Measurement<double>(state.IsFiring ? 1 : 0, new("rule", state.Last.Rule), new("policy", state.Last.Subject)))];
        }
    }
}

/// <param name="Rule">Its name.</param>
/// <param name="Policy">The policy it is about; empty = the gateway.</param>
/// <param name="Severity">warning or critical.</param>
/// <param name="Title">What is the matter.</param>
/// <param name="Recommendation">What to do.</param>
/// <param name="Value">As last measured.</param>
/// <param name="Threshold">Past what it fires.</param>
/// <param name="Since">When it began.</param>
internal sealed record Alert(string Rule, string Policy, string Severity, string Title, string Recommendation, double Value, double Threshold, DateTimeOffset Since)
{
    public static Alert Of(AlertState state) => new(
        state.Last.Rule, state.Last.Subject, state.Last.Severity, state.Last.Title, state.Last.Recommendation, state.Last.Value, state.Last.Threshold, state.Since!.Value);
}

internal sealed record EndedAlert(string Rule, string Policy, string Title, DateTimeOffset Since, DateTimeOffset Until);

/// <summary>What <c>GET /alerts</c> answers.</summary>
internal sealed record AlertLists(IReadOnlyList<Alert> Firing, IReadOnlyList<EndedAlert> Ended);
