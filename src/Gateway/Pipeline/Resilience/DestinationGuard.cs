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
    /// <summary>Longest that others wait for what becomes of the request that tries a destination again.</summary>
    private static readonly TimeSpan LongestTrial = TimeSpan.FromSeconds(3);

    /// <summary>What Polly takes for a pause; how long it really is, the generator says.</summary>
    private static readonly TimeSpan ShortestPause = TimeSpan.FromMilliseconds(500);

    private readonly CircuitBreakerStateProvider _state = new();
    private readonly CircuitBreakerManualControl _control = new();
    private readonly ResiliencePipeline<bool> _breaker;
    private readonly FailureShare _share;
    private readonly OriginLimits _limits;
    private readonly TimeProvider _time;
    private readonly TimeSpan _trial;
    private long _unfitAt;
    private int _unconnected;
    private volatile bool _isUndecided;

    public DestinationGuard(OriginLimits limits, TimeProvider time)
    {
        (_limits, _time) = (limits, time);
        _trial = limits.BreakerPause < LongestTrial ? limits.BreakerPause : LongestTrial;
        Places = new DestinationPlaces(limits.MaxRequests, time);
        _share = new FailureShare(limits.BreakerRatio, limits.BreakerRequests, limits.BreakerWindow, time);
        _breaker = new ResiliencePipelineBuilder<bool> { TimeProvider = new SteadyTime(time) }
            .AddCircuitBreaker(new CircuitBreakerStrategyOptions<bool>
            {
                FailureRatio = limits.BreakerRatio,
                MinimumThroughput = limits.BreakerRequests,
                SamplingDuration = limits.BreakerWindow,
                BreakDuration = limits.BreakerPause > ShortestPause ? limits.BreakerPause : ShortestPause,
                // The next request is the trial that the last one was not.
                BreakDurationGenerator = _ => ValueTask.FromResult(_isUndecided ? TimeSpan.Zero : limits.BreakerPause),
                StateProvider = _state,
                ManualControl = _control,
                OnClosed = _ =>
                {
                    Volatile.Write(ref _unconnected, 0);
                    return ValueTask.CompletedTask;
                },
                ShouldHandle = attempt => ValueTask.FromResult(attempt.Outcome.Result),
            })
            .Build();
    }

    /// <summary>For the requests under way to it.</summary>
    public DestinationPlaces Places { get; }

    /// <summary>Whether requests are held back, the one that tries it again included.</summary>
    public bool IsOpen => !_isUndecided && _state.CircuitState is CircuitState.Open or CircuitState.Isolated;

    /// <summary>
    /// All is well: requests go beside the breaker, and how each ended is counted here (<see cref="Tell"/>), which opens it when it is time. Polly's pipeline around each one costs more than the
    /// choice of the destination, and to tell it of each no less.
    /// </summary>
    public bool IsClosed => _state.CircuitState == CircuitState.Closed;

    /// <summary>How a request ended that went beside the breaker.</summary>
    /// <param name="error">What it ended with; null = an answer.</param>
    /// <param name="hasOthers">
    /// Requests may go elsewhere: a few in a row that find no connection are enough then, however few there are. A destination without others is asked until its share says
    /// so: to be refused costs nothing, and it is found at once when it is back.
    /// </param>
    public void Tell(IForwarderErrorFeature? error, bool hasOthers = false)
    {
        // Who ends after it has opened says nothing of how the destination is now, and must not be taken for the one that tries it; whose client left says
        // nothing at all.
        if (!IsClosed || HasLeft(error))
        {
            return;
        }

        var gaveNoAnswer = GaveNoAnswer(error);
        if (error is not null && RetryRule.IsNotConnected(error.Error, error.Exception))
        {
            if (Interlocked.Increment(ref _unconnected) >= _limits.BreakerConnects && hasOthers)
            {
                Open();
                return;
            }
        }
        else if (!gaveNoAnswer && Volatile.Read(ref _unconnected) != 0)
        {
            Volatile.Write(ref _unconnected, 0);
        }

        if (!gaveNoAnswer)
        {
            _share.Succeeded();
        }
        else if (_share.Failed())
        {
            Open();
        }
    }

    /// <summary>
    /// Forwards through a breaker that has opened, which lets requests through one by one; false when the destination is left alone. A request that is
    /// neither answered nor failed within a few seconds decides nothing for now: it goes on, and the next one is the trial.
    /// </summary>
    /// <param name="context">The client's own, or that of a fetch.</param>
    /// <param name="forward">Tells when the origin answers.</param>
    /// <param name="next">YARP's forwarder.</param>
    public async Task<bool> ForwardAsync(HttpContext context, ForwardFeature forward, RequestDelegate next)
    {
        var forwarding = Task.CompletedTask;
        var decided = Task.CompletedTask;
        var isHeldBack = false;
        try
        {
            await _breaker.ExecuteAsync(
                async _ =>
                {
                    var isTrial = _state.CircuitState == CircuitState.HalfOpen;
                    // A stream may be silent by its nature, and a client may take its time to send a body: nobody waits for what becomes of these.
                    var isUnfit = isTrial && (forward.IsEndless || forward.HasContent);
                    if (isUnfit && !TryLetUnfit())
                    {
                        isHeldBack = true;
                        return _isUndecided = true;
                    }

                    // What waits for it goes on at once, before the answer does: whoever has the answer finds the breaker closed, however long its body takes.
                    var answered = new TaskCompletionSource();
                    forward.OnAnswer = () =>
                    {
                        answered.TrySetResult();
                        CloseIfTried();
                    };
                    _isUndecided = false;
                    using var ended = new CancellationTokenSource();
                    // Counted from before it is sent: the destination may have it, and others wait, before this goes on.
                    var limit = Task.Delay(isUnfit ? TimeSpan.Zero : isTrial ? _trial : Timeout.InfiniteTimeSpan, _time, ended.Token);
                    forwarding = next(context);
                    decided = Task.WhenAny(forwarding, answered.Task);
                    await Task.WhenAny(decided, limit);
                    ended.Cancel();
                    var error = ErrorOf(context, forwarding);
                    _isUndecided = (!decided.IsCompleted || SaysNothing(forward, error)) && _state.CircuitState == CircuitState.HalfOpen;
                    return _isUndecided || GaveNoAnswer(error);
                },
                CancellationToken.None);
        }
        catch (BrokenCircuitException)
        {
            return false;
        }

        if (!decided.IsCompleted)
        {
            await decided;
            TellLate(forward, ErrorOf(context, forwarding));
        }

        await forwarding;
        return !isHeldBack;
    }

    /// <summary>How a request ended that others did not wait for any longer.</summary>
    private void TellLate(ForwardFeature forward, IForwarderErrorFeature? error)
    {
        if (IsClosed || SaysNothing(forward, error))
        {
            return;
        }

        if (!GaveNoAnswer(error))
        {
            // The destination has just answered, whatever others are waiting for.
            Close();
        }
        else if (_isUndecided)
        {
            _isUndecided = false;
            CountFailure();
        }
    }

    /// <summary>The answer may be there before this thread waits for it: then nobody but who brings it can say so in time.</summary>
    private void CloseIfTried()
    {
        if (_state.CircuitState == CircuitState.HalfOpen)
        {
            Close();
        }
    }

    /// <summary>Nothing here waits: the state changes at once, and is decided.</summary>
    private void Close()
    {
        _isUndecided = false;
        _ = _control.CloseAsync();
    }

    /// <summary>Polly opens by a share alone: so many failures are all that it is told of.</summary>
    private void Open()
    {
        for (var i = 0; i < _limits.BreakerRequests && IsClosed; i++)
        {
            CountFailure();
        }

        // Nothing is counted while it is open, and it may be closed a moment before anybody is told.
        _share.Forget();
    }

    private void CountFailure()
    {
        try
        {
            _breaker.Execute(static () => true);
        }
        catch (BrokenCircuitException)
        {
            // Another told it first, or is just trying it.
        }
    }

    /// <summary>One in as long as a trial may take: where all are of that kind, one of them must find out, and a crowd shall not.</summary>
    private bool TryLetUnfit()
    {
        var last = Volatile.Read(ref _unfitAt);
        return (last == 0 || _time.GetElapsedTime(last) >= _trial)
            && Interlocked.CompareExchange(ref _unfitAt, Math.Max(1, _time.GetTimestamp()), last) == last;
    }

    /// <summary>Of a request that has ended; while it goes on, its context is its own.</summary>
    private static IForwarderErrorFeature? ErrorOf(HttpContext context, Task forwarding) =>
        forwarding.IsCompleted ? context.Features.Get<IForwarderErrorFeature>() : null;

    private static bool SaysNothing(ForwardFeature forward, IForwarderErrorFeature? error) => !forward.Answered && (HasLeft(error) || forward.IsClientsSilence(error));

    private static bool GaveNoAnswer(IForwarderErrorFeature? error) => error is not null && GaveNoAnswer(error.Error, error.Exception);

    /// <summary>
    /// Nothing came back: no connection, or no answer in time. A status, a head that is none and a body that breaks are answers to one request, and
    /// say nothing of the next; a client that leaves says nothing at all.
    /// </summary>
    internal static bool GaveNoAnswer(ForwarderError error, Exception? cause) =>
        error == ForwarderError.RequestTimedOut || (error == ForwarderError.Request && RetryRule.IsConnectionFailure(cause));

    /// <summary>The client left, broke its body off before there was an answer or none, or named a host for which the destination has no certificate.</summary>
    private static bool HasLeft(IForwarderErrorFeature? error) =>
        error is { Error: ForwarderError.RequestCanceled or ForwarderError.RequestBodyCanceled or ForwarderError.RequestBodyClient }
            or { Exception: HttpRequestException { InnerException: ForeignNameException } };
}
