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
    FillGate gate, ResponseAdmission admission, FillBudget budget, GatewayLimits limits, IServiceScopeFactory scopes,
    TimeProvider time, GatewayMetrics metrics, TrafficRecorder traffic, OriginFailureLog failures,
    ILogger<OriginFetch> logger)
{
    private static readonly ExecutionContext Blank = BlankContext();

    private readonly FetchServices _services = new(gate, admission, budget, limits, time, metrics, traffic, logger);

    /// <summary>
    /// Starts the fetch, without the caller's execution context: nothing ambient of the first client follows it. For a client that waits it is
    /// on its way to the origin when this returns; one for nobody is left to another thread.
    /// </summary>
    public void Start(Fill fill, DetachedRequest request, FillContext context, RequestDelegate next)
    {
        var cause = Activity.Current?.Context ?? default;
        if (fill.IsBackground)
        {
            ThreadPool.UnsafeQueueUserWorkItem(_ => RunAsync(fill, request, context, next, cause), null);
        }
        else
        {
            ExecutionContext.Run(Blank, _ => RunAsync(fill, request, context, next, cause), null);
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

    private async void RunAsync(Fill fill, DetachedRequest request, FillContext from, RequestDelegate next, ActivityContext cause)
    {
        var activity = GatewayActivity.Fetch(cause, fill.Policy.Name);
        StoredResponse? stored = null;
        var sink = new FetchSink(_services, fill, from);
        try
        {
            stored = await FetchAsync(fill, request, next, sink);
        }
        catch (Exception exception)
        {
            // Whatever went wrong must end as an answer for those who wait, never as an unobserved task.
            logger.FetchFailed(exception, fill.Policy.Name);
        }
        finally
        {
            // After an answer this does nothing; without one, those who wait learn of the failure here.
            sink.Fail(StatusCodes.Status502BadGateway, Reason.OriginFailed);
            sink.Release();
            gate.End(fill);
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

    private async Task<StoredResponse?> FetchAsync(Fill fill, DetachedRequest request, RequestDelegate next, FetchSink sink)
    {
        var lifetime = new DetachedLifetime(fill.Cancelled);
        var capture = new ResponseCapture(sink);
        var context = DetachedContext.Create(request, fill.Policy, capture, lifetime, scopes, sink.OnResponseAsync, fill.Interim);
        sink.Sent = Instant.Now(time);
        sink.Forward = context.Features.GetRequiredFeature<ForwardFeature>();
        sink.Forward.OnSilence = sink.Tell;
        try
        {
            await next(context);
            capture.Start();
            await capture.RunCompletedAsync();
            if (sink.Failure is { } failure && !fill.Cancelled.IsCancellationRequested)
            {
                failures.Tell(context, failure);
            }
        }
        finally
        {
            await ((IAsyncDisposable?)context.Features.Get<IServiceProvidersFeature>() is { } scope ? scope.DisposeAsync() : ValueTask.CompletedTask);
        }

        return sink.End(sink.Forward.Error, lifetime.WasAborted || fill.Cancelled.IsCancellationRequested);
    }
}
