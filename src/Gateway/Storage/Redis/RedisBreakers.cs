using CacheGateway.Model;
using Polly;
using Polly.CircuitBreaker;
using StackExchange.Redis;

namespace CacheGateway.Storage.Redis;

/// <summary>
/// Circuit breakers of <see cref="RedisGuard"/>, from Polly:
/// <code>
/// failures in a row -> share of failures in a window -> the call
/// </code>
/// The first counts by itself: Polly's measures shares only, and at a few calls a second a share never becomes a verdict. It is told of
/// failures only when one was too many in a row, and opens when it is.
/// <para>
/// While both are closed, calls go beside them, how each ended is counted here, and they are told when it is time to open; one that has opened lets calls through itself, one by one.
/// </para>
/// </summary>
internal sealed class RedisBreakers
{
    private readonly RedisLimits _limits;
    private readonly CircuitBreakerStateProvider _inRow = new();
    private readonly CircuitBreakerStateProvider _share = new();
    private readonly CircuitBreakerManualControl _control = new();
    private readonly ResiliencePipeline<Exception?> _pipeline;
    private readonly FailureShare _lately;
    private int _failuresInRow;

    public RedisBreakers(RedisLimits limits, TimeProvider time)
    {
        _limits = limits;
        _lately = new FailureShare(limits.FailureRatio, limits.LeastCalls, limits.Window, time);
        _pipeline = new ResiliencePipelineBuilder<Exception?> { TimeProvider = new SteadyTime(time) }
            .AddCircuitBreaker(new CircuitBreakerStrategyOptions<Exception?>
            {
                FailureRatio = 0,
                MinimumThroughput = 2,
                SamplingDuration = TimeSpan.FromSeconds(30),
                BreakDuration = limits.Pause,
                ShouldHandle = call => ValueTask.FromResult(IsOneTooMany(call.Outcome)),
                StateProvider = _inRow,
                ManualControl = _control,
            })
            .AddCircuitBreaker(new CircuitBreakerStrategyOptions<Exception?>
            {
                FailureRatio = limits.FailureRatio,
                MinimumThroughput = limits.LeastCalls,
                SamplingDuration = limits.Window,
                BreakDuration = limits.Pause,
                ShouldHandle = call => ValueTask.FromResult(IsIll(call.Outcome.Result)),
                StateProvider = _share,
                ManualControl = _control,
            })
            .Build();
    }

    public bool IsClosed => _inRow.CircuitState == CircuitState.Closed && _share.CircuitState == CircuitState.Closed;

    /// <summary>Makes a call through breakers that have opened; false when they hold it back.</summary>
    /// <param name="call">Gives what it failed with, and never throws.</param>
    public async Task<bool> TryAsync(Func<ValueTask<Exception?>> call)
    {
        try
        {
            await _pipeline.ExecuteAsync(static (call, _) => call(), call, CancellationToken.None);
            return true;
        }
        catch (BrokenCircuitException)
        {
            return false;
        }
    }

    /// <summary>How a call ended that went beside the breakers: what it failed with, or null.</summary>
    public void Tell(Exception? failure)
    {
        // What ends after one has opened says nothing of how the server is now, and must not be taken for the call that tries it.
        if (!IsClosed)
        {
            return;
        }

        if (!IsIll(failure))
        {
            if (Volatile.Read(ref _failuresInRow) != 0)
            {
                Volatile.Write(ref _failuresInRow, 0);
            }

            _lately.Succeeded();
        }
        else if (_lately.Failed() | Interlocked.Increment(ref _failuresInRow) >= _limits.FailuresInRow)
        {
            Open(failure);
        }
    }

    /// <summary>So many failures are all that they are told of: whichever opens first.</summary>
    private void Open(Exception? failure)
    {
        try
        {
            for (var i = 0; i < _limits.LeastCalls && IsClosed; i++)
            {
                _pipeline.Execute(static failure => failure, failure);
            }
        }
        catch (BrokenCircuitException)
        {
            // Another told it first.
        }
        finally
        {
            _lately.Forget();
        }
    }

    /// <summary>Lets calls through from now on: what failed before says nothing about a connection that was made since.</summary>
    public void Close()
    {
        Volatile.Write(ref _failuresInRow, 0);
        _lately.Forget();
        if (!IsClosed)
        {
            // Neither waits for anything: both breakers change their state at once.
            _ = _control.CloseAsync();
        }
    }

    public static RedisOutcome OutcomeOf(Exception? exception) => exception switch
    {
        null => RedisOutcome.Ok,
        TimeoutException => RedisOutcome.Timeout,
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

    private bool IsOneTooMany(Outcome<Exception?> call)
    {
        if (call.Exception is not null)
        {
            // Held back by the other: no call at all.
            return false;
        }

        if (OutcomeOf(call.Result) is RedisOutcome.Ok or RedisOutcome.Refused)
        {
            Volatile.Write(ref _failuresInRow, 0);
            return false;
        }

        return Interlocked.Increment(ref _failuresInRow) >= _limits.FailuresInRow;
    }
}
