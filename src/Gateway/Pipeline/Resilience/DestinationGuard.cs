using CacheGateway.Model;
using Polly;
using Polly.CircuitBreaker;
using Yarp.ReverseProxy.Forwarder;

namespace CacheGateway.Pipeline.Resilience;

/// <summary>
/// What is known of one destination: how many requests are under way to it, and whether it is left alone (a circuit breaker from Polly). Made
/// when it is first asked; lives as long as YARP keeps the destination.
/// </summary>
internal sealed class DestinationGuard
{
    private readonly CircuitBreakerStateProvider _state = new();
    private readonly ResiliencePipeline<bool> _breaker;
    private readonly int _most;
    private int _underWay;

    public DestinationGuard(OriginLimits limits, TimeProvider time)
    {
        _most = limits.MaxRequests;
        _breaker = new ResiliencePipelineBuilder<bool> { TimeProvider = time }
            .AddCircuitBreaker(new CircuitBreakerStrategyOptions<bool>
            {
                FailureRatio = limits.BreakerRatio,
                MinimumThroughput = limits.BreakerRequests,
                SamplingDuration = limits.BreakerWindow,
                BreakDuration = limits.BreakerPause,
                StateProvider = _state,
                ShouldHandle = attempt => ValueTask.FromResult(attempt.Outcome.Result),
            })
            .Build();
    }

    public int UnderWay => Volatile.Read(ref _underWay);

    /// <summary>Whether requests are held back, the one that tries it again included.</summary>
    public bool IsOpen => _state.CircuitState is CircuitState.Open or CircuitState.Isolated;

    /// <summary>Forwards, or says at once why it does not.</summary>
    /// <param name="context">The client's own, or that of a fetch.</param>
    /// <param name="next">YARP's forwarder.</param>
    /// <param name="isEndless">A stream by its nature: it takes no place among the requests.</param>
    public async Task<Reason?> ForwardAsync(HttpContext context, RequestDelegate next, bool isEndless)
    {
        if (!isEndless && Interlocked.Increment(ref _underWay) > _most)
        {
            Interlocked.Decrement(ref _underWay);
            return Reason.OriginBusy;
        }

        try
        {
            await _breaker.ExecuteAsync(
                static async (state, _) =>
                {
                    await state.next(state.context);
                    return state.context.Features.Get<IForwarderErrorFeature>() is { } error && GaveNoAnswer(error.Error, error.Exception);
                },
                (context, next), CancellationToken.None);
            return null;
        }
        catch (BrokenCircuitException)
        {
            return Reason.OriginDown;
        }
        finally
        {
            if (!isEndless)
            {
                Interlocked.Decrement(ref _underWay);
            }
        }
    }

    /// <summary>
    /// Nothing came back: no connection, or no answer in time. A status, a head that is none and a body that breaks are answers to one request, and
    /// say nothing of the next; a client that leaves says nothing at all.
    /// </summary>
    internal static bool GaveNoAnswer(ForwarderError error, Exception? cause) =>
        error == ForwarderError.RequestTimedOut || (error == ForwarderError.Request && RetryRule.IsConnectionFailure(cause));
}
