using Polly;
using Polly.CircuitBreaker;
using Polly.Timeout;
using StackExchange.Redis;

namespace CacheGateway.Storage.Redis;

/// <summary>
/// Time limit and circuit breakers of <see cref="RedisGuard"/>, from Polly:
/// <code>
/// failures in a row -> share of failures in a window -> time limit -> the call
/// </code>
/// The first breaker counts by itself: Polly's measures shares only, and at a few calls a second a share never becomes a verdict. It is told of
/// a failure only when that was one too many in a row, and opens on the first it is told of.
/// </summary>
internal sealed class RedisBreakers(RedisLimits limits)
{
    private readonly CircuitBreakerStateProvider _inRow = new();
    private readonly CircuitBreakerStateProvider _share = new();
    private readonly CircuitBreakerManualControl _control = new();
    private int _failuresInRow;

    internal static readonly ResiliencePropertyKey<TimeSpan> TimeLimit = new("redis.time-limit");

    public bool IsClosed => _inRow.CircuitState == CircuitState.Closed && _share.CircuitState == CircuitState.Closed;

    public ResiliencePipeline Pipeline(TimeProvider time) => new ResiliencePipelineBuilder { TimeProvider = time }
        .AddCircuitBreaker(new CircuitBreakerStrategyOptions
        {
            FailureRatio = 0,
            MinimumThroughput = 2,
            SamplingDuration = TimeSpan.FromSeconds(30),
            BreakDuration = limits.Pause,
            ShouldHandle = outcome => ValueTask.FromResult(IsOneTooMany(outcome.Outcome.Exception)),
            StateProvider = _inRow,
            ManualControl = _control,
        })
        .AddCircuitBreaker(new CircuitBreakerStrategyOptions
        {
            FailureRatio = limits.FailureRatio,
            MinimumThroughput = limits.LeastCalls,
            SamplingDuration = limits.Window,
            BreakDuration = limits.Pause,
            ShouldHandle = outcome => ValueTask.FromResult(IsIll(outcome.Outcome.Exception)),
            StateProvider = _share,
            ManualControl = _control,
        })
        .AddTimeout(new TimeoutStrategyOptions
        {
            TimeoutGenerator = call => ValueTask.FromResult(call.Context.Properties.GetValue(TimeLimit, limits.ReadTimeout)),
        })
        .Build();

    /// <summary>Lets calls through from now on: what failed before says nothing about a connection that was made since.</summary>
    public void Close()
    {
        Volatile.Write(ref _failuresInRow, 0);
        if (!IsClosed)
        {
            // Neither waits for anything: both breakers change their state at once.
            _ = _control.CloseAsync();
        }
    }

    public static RedisOutcome OutcomeOf(Exception? exception) => exception switch
    {
        null => RedisOutcome.Ok,
        TimeoutRejectedException or TimeoutException => RedisOutcome.Timeout,
        BrokenCircuitException => RedisOutcome.Open,
        RedisServerException server => IsUnavailable(server.Message) ? RedisOutcome.Unavailable : RedisOutcome.Refused,
        RedisConnectionException or ObjectDisposedException or IOException => RedisOutcome.Disconnected,
        _ => RedisOutcome.Failed,
    };

    /// <summary>A refusal of one command says nothing about the next: a full server still answers reads.</summary>
    private static bool IsIll(Exception? exception) =>
        OutcomeOf(exception) is RedisOutcome.Timeout or RedisOutcome.Disconnected or RedisOutcome.Unavailable or RedisOutcome.Failed;

    private static bool IsUnavailable(string error) =>
        error.StartsWith("LOADING", StringComparison.Ordinal) || error.StartsWith("BUSY", StringComparison.Ordinal)
        || error.StartsWith("CLUSTERDOWN", StringComparison.Ordinal) || error.StartsWith("MASTERDOWN", StringComparison.Ordinal)
        || error.StartsWith("NOAUTH", StringComparison.Ordinal) || error.StartsWith("WRONGPASS", StringComparison.Ordinal);

    private bool IsOneTooMany(Exception? exception)
    {
        switch (OutcomeOf(exception))
        {
            case RedisOutcome.Open:
                return false;
            case RedisOutcome.Ok or RedisOutcome.Refused:
                Volatile.Write(ref _failuresInRow, 0);
                return false;
            default:
                return Interlocked.Increment(ref _failuresInRow) >= limits.FailuresInRow;
        }
    }
}
