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
    /// <summary>What Polly takes for a pause; how long it really is, the generator says.</summary>
    private static readonly TimeSpan ShortestPause = TimeSpan.FromMilliseconds(500);

    private readonly CircuitBreakerStateProvider _state = new();
    private readonly ResiliencePipeline<bool> _breaker;
    private volatile bool _isUndecided;

    public DestinationGuard(OriginLimits limits, TimeProvider time)
    {
        Places = new DestinationPlaces(limits.MaxRequests, time);
        _breaker = new ResiliencePipelineBuilder<bool> { TimeProvider = new SteadyTime(time) }
            .AddCircuitBreaker(new CircuitBreakerStrategyOptions<bool>
            {
                FailureRatio = limits.BreakerRatio,
                MinimumThroughput = limits.BreakerRequests,
                SamplingDuration = limits.BreakerWindow,
                BreakDuration = limits.BreakerPause > ShortestPause ? limits.BreakerPause : ShortestPause,
                // The next request is the trial that the last one, whose client left, was not.
                BreakDurationGenerator = _ => ValueTask.FromResult(_isUndecided ? TimeSpan.Zero : limits.BreakerPause),
                StateProvider = _state,
                ShouldHandle = attempt => ValueTask.FromResult(attempt.Outcome.Result),
            })
            .Build();
    }

    /// <summary>For the requests under way to it.</summary>
    public DestinationPlaces Places { get; }

    /// <summary>Whether requests are held back, the one that tries it again included.</summary>
    public bool IsOpen => !_isUndecided && _state.CircuitState is CircuitState.Open or CircuitState.Isolated;

    /// <summary>
    /// All is well: requests go beside the breaker, which is told how each ended (<see cref="Tell"/>). Polly's pipeline around each one costs more than the
    /// choice of the destination.
    /// </summary>
    public bool IsClosed => _state.CircuitState == CircuitState.Closed;

    /// <summary>How a request ended that went beside the breaker.</summary>
    public void Tell(IForwarderErrorFeature? error)
    {
        // Who ends after it has opened says nothing of how the destination is now, and must not be taken for the one that tries it; whose client left says
        // nothing at all.
        if (IsClosed && !HasLeft(error))
        {
            try
            {
                _breaker.Execute(static gaveNoAnswer => gaveNoAnswer, GaveNoAnswer(error));
            }
            catch (BrokenCircuitException)
            {
                // Another told it first.
            }
        }
    }

    /// <summary>Forwards through a breaker that has opened, which lets requests through one by one; false when the destination is left alone.</summary>
    /// <param name="context">The client's own, or that of a fetch.</param>
    /// <param name="forward">Tells when the origin answers.</param>
    /// <param name="next">YARP's forwarder.</param>
    public async Task<bool> ForwardAsync(HttpContext context, ForwardFeature forward, RequestDelegate next)
    {
        var forwarding = Task.CompletedTask;
        try
        {
            await _breaker.ExecuteAsync(
                async _ =>
                {
                    // What waits for it goes on at once, before the answer does: whoever has the answer finds the breaker closed, however long its body takes.
                    var answered = new TaskCompletionSource();
                    forward.OnAnswer = () => answered.TrySetResult();
                    _isUndecided = false;
                    forwarding = next(context);
                    await Task.WhenAny(forwarding, answered.Task);
                    var error = context.Features.Get<IForwarderErrorFeature>();
                    _isUndecided = !forward.Answered && HasLeft(error) && _state.CircuitState == CircuitState.HalfOpen;
                    return _isUndecided || GaveNoAnswer(error);
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

    private static bool GaveNoAnswer(IForwarderErrorFeature? error) => error is not null && GaveNoAnswer(error.Error, error.Exception);

    /// <summary>
    /// Nothing came back: no connection, or no answer in time. A status, a head that is none and a body that breaks are answers to one request, and
    /// say nothing of the next; a client that leaves says nothing at all.
    /// </summary>
    internal static bool GaveNoAnswer(ForwarderError error, Exception? cause) =>
        error == ForwarderError.RequestTimedOut || (error == ForwarderError.Request && RetryRule.IsConnectionFailure(cause));

    /// <summary>The client left, or broke its body off, before there was an answer or none.</summary>
    private static bool HasLeft(IForwarderErrorFeature? error) =>
        error is { Error: ForwarderError.RequestCanceled or ForwarderError.RequestBodyCanceled or ForwarderError.RequestBodyClient };
}
