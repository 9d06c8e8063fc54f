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

    /// <summary>Takes a place among the requests under way; false when there is none. Whoever got one gives it back with <see cref="Leave"/>.</summary>
    public bool TryEnter()
    {
        var entered = Interlocked.Increment(ref _underWay) <= _most;
        if (!entered)
        {
            Interlocked.Decrement(ref _underWay);
        }

        return entered;
    }

    public void Leave() => Interlocked.Decrement(ref _underWay);

    /// <summary>
    /// Forwards; false when the destination is left alone. While all is well the request goes beside the breaker, which is told how it ended: Polly's
    /// pipeline around each one costs more than the choice of the destination. Only a breaker that has opened lets requests through, one by one.
    /// </summary>
    /// <param name="context">The client's own, or that of a fetch.</param>
    /// <param name="next">YARP's forwarder.</param>
    public Task<bool> ForwardAsync(HttpContext context, RequestDelegate next) =>
        _state.CircuitState == CircuitState.Closed ? BesideAsync(context, next) : ThroughAsync(context, next);

    private async Task<bool> BesideAsync(HttpContext context, RequestDelegate next)
    {
        await next(context);
        // Who ends after it has opened says nothing of how the destination is now, and must not be taken for the one that tries it.
        if (_state.CircuitState == CircuitState.Closed)
        {
            try
            {
                _breaker.Execute(static gaveNoAnswer => gaveNoAnswer, GaveNoAnswer(context));
            }
            catch (BrokenCircuitException)
            {
                // Another told it first.
            }
        }

        return true;
    }

    private async Task<bool> ThroughAsync(HttpContext context, RequestDelegate next)
    {
        var forwarding = Task.CompletedTask;
        try
        {
            await _breaker.ExecuteAsync(
                async _ =>
                {
                    // What waits for it goes on at once, before the answer does: whoever has the answer finds the breaker closed, however long its body takes.
                    var answered = new TaskCompletionSource();
                    if (context.Features.Get<ForwardFeature>() is { } forward)
                    {
                        forward.OnAnswer = () => answered.TrySetResult();
                    }

                    forwarding = next(context);
                    await Task.WhenAny(forwarding, answered.Task);
                    return GaveNoAnswer(context);
                },
                CancellationToken.None);
        }
        catch (BrokenCircuitException)
        {
            return false;
        }

        await forwarding;
        return true;
    }

    private static bool GaveNoAnswer(HttpContext context) =>
        context.Features.Get<IForwarderErrorFeature>() is { } error && GaveNoAnswer(error.Error, error.Exception);

    /// <summary>
    /// Nothing came back: no connection, or no answer in time. A status, a head that is none and a body that breaks are answers to one request, and
    /// say nothing of the next; a client that leaves says nothing at all.
    /// </summary>
    internal static bool GaveNoAnswer(ForwarderError error, Exception? cause) =>
        error == ForwarderError.RequestTimedOut || (error == ForwarderError.Request && RetryRule.IsConnectionFailure(cause));
}
