using System.Diagnostics;
using CacheGateway.Diagnostics;
using CacheGateway.Diagnostics.Traffic;
using CacheGateway.Model;
using CacheGateway.Storage;
using Microsoft.AspNetCore.Http.Features;

namespace CacheGateway.Pipeline;

/// <summary>
/// Drives one fill from the request to the stored response: the only path by which anything is stored, whoever asked for it
/// (a client, a background refresh, a warm-up).
/// </summary>
internal sealed class OriginFetch(
    FillGate gate, ResponseAdmission admission, UnstoredAnswers unstored, TagEpochs epochs, FillBudget budget, MemoryTier memory, GatewayLimits limits, IServiceScopeFactory scopes,
    TimeProvider time, GatewayMetrics metrics, TrafficRecorder traffic, OriginFailureLog failures,
    ILogger<OriginFetch> logger)
{
    private static readonly ExecutionContext Blank = BlankContext();

    private readonly IServiceScopeFactory _scopes = scopes;
    private readonly FetchServices _services = new(gate, admission, unstored, budget, memory, limits, time, metrics, traffic, failures, logger);

    /// <summary>
    /// Starts the fetch, without the caller's execution context: nothing ambient of the first client follows it. For a client that waits it is
    /// on its way to the origin when this returns; one for nobody is left to another thread.
    /// </summary>
    /// <param name="fill">New.</param>
    /// <param name="request">Whom it is made for; what is needed of it is copied before this returns.</param>
    public void Start(Fill fill, CacheRequest request)
    {
        var detached = new DetachedRequest(request.Context, fill.Key.Resource.Target, DetachedFields.Of(request.Context, fill, epochs));
        var from = new FillContext(fill.Key, fill.Policy, fill.Epoch, fill.Validating, request.Facts, detached.Headers, request.NotAfter);
        var run = new Run(this, fill, detached, from, request.Next, Activity.Current?.Context ?? default);
        if (fill.IsBackground)
        {
            ThreadPool.UnsafeQueueUserWorkItem(static run => run.GoAsync(), run, preferLocal: false);
        }
        else
        {
            ExecutionContext.Run(Blank, static run => ((Run)run!).GoAsync(), run);
        }
    }

    /// <summary>The execution context of a thread that nobody has put anything into.</summary>
    private static ExecutionContext BlankContext()
    {
        ExecutionContext? blank = null;
        var thread = new Thread(() => blank = ExecutionContext.Capture());
        thread.UnsafeStart();
        thread.Join();
        return blank!;
    }

    /// <summary>One fetch from its start to its end.</summary>
    private sealed class Run(OriginFetch owner, Fill fill, DetachedRequest request, FillContext from, RequestDelegate next, ActivityContext cause)
    {
        public async void GoAsync()
        {
            var activity = GatewayActivity.Fetch(cause, fill.Policy.Name);
            StoredResponse? stored = null;
            var sink = new FetchSink(owner._services, fill, from);
            try
            {
                var capture = new ResponseCapture(sink);
                request.Begin(capture, sink, fill.Cancelled);
                var context = new DefaultHttpContext(request) { ServiceScopeFactory = owner._scopes };
                sink.SentAt = Instant.Now(owner._services.Time);
                try
                {
                    await next(context);
                    capture.Start();
                    await capture.RunCompletedAsync();
                    if (sink.Failure is { } failure)
                    {
                        owner._services.Failures.Tell(context, failure);
                    }
                }
                finally
                {
                    if (request.Get<IServiceProvidersFeature>() is IAsyncDisposable scope)
                    {
                        await scope.DisposeAsync();
                    }
                }

                stored = sink.End(request.WasAborted || fill.Cancelled.IsCancellationRequested);
            }
            catch (Exception exception)
            {
                // Whatever went wrong must end as an answer for those who wait, never as an unobserved task.
                owner._services.Failures.TellUnexpected(fill.Policy.Name, exception);
            }
            finally
            {
                try
                {
                    // After an answer this does nothing; without one, those who wait learn of the failure here.
                    sink.Fail(StatusCodes.Status502BadGateway, Reason.OriginFailed);
                    sink.Release();
                }
                catch (Exception exception)
                {
                    // Books that do not balance: those who wait can be answered all the same, and nobody stands above this to catch it but the process.
                    owner._services.Failures.TellUnexpected(fill.Policy.Name, exception);
                }

                owner._services.Gate.End(fill);
                fill.SetDone(stored);
                fill.Dispose();
                activity?.Dispose();
                if (!fill.IsBackground)
                {
                    // Last: the client's answer is sent from here.
                    fill.TellLeader();
                }
            }
        }
    }
}
