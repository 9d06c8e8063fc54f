using CacheGateway.Diagnostics;
using CacheGateway.Diagnostics.Traffic;
using CacheGateway.Model;

namespace CacheGateway.Warming;

/// <summary>
/// One warm-up: its targets, some at a time and at a limited pace, until they are done or it is cancelled. Made and kept by <see cref="WarmJobs"/>.
/// A cancelled one starts nothing more; fetches under way end as they would have.
/// </summary>
internal sealed class WarmJob : IDisposable
{
    private const int MostProblems = 20;

    private readonly CancellationTokenSource _cancellation = new();
    private readonly IReadOnlyList<WarmTarget> _targets;
    private readonly WarmPace _pace;
    private readonly TimeProvider _time;
    private readonly long _started;
    private readonly List<WarmProblem> _problems = [];
    private readonly int[] _counts = new int[Enum.GetValues<WarmOutcome>().Length];
    private long _ended;
    private volatile WarmState _state = WarmState.Running;

    public WarmJob(string id, string cause, IReadOnlyList<WarmTarget> targets, int concurrency, double perSecond, TimeProvider time)
    {
        Id = id;
        Cause = cause;
        Concurrency = concurrency;
        StartedAt = time.GetUtcNow();
        _targets = targets;
        _time = time;
        _started = time.GetTimestamp();
        _pace = new WarmPace(perSecond, time);
    }

    public string Id { get; }

    public string Cause { get; }

    public int Concurrency { get; }

    public DateTimeOffset StartedAt { get; }

    public bool IsRunning => _state == WarmState.Running;

    /// <summary>What ended it, where that was a bug.</summary>
    public Exception? Error { get; private set; }

    /// <summary>Completes when it runs no more; never with an error.</summary>
    public Task Completion { get; private set; } = Task.CompletedTask;

    public WarmProgress Progress
    {
        get
        {
            // Before the counts: what is said to be over shows all of them.
            var state = _state;
            var isRunning = state == WarmState.Running;
            int[] counts = [.. _counts.Select((_, index) => Volatile.Read(ref _counts[index]))];
            var done = counts.Sum();
            var seconds = _time.GetElapsedTime(_started, isRunning ? _time.GetTimestamp() : Volatile.Read(ref _ended)).TotalSeconds;
            var perSecond = seconds > 0 ? done / seconds : 0;
            lock (_problems)
            {
                return new WarmProgress(
                    Id, state, Cause, _targets.Count, done, counts[(int)WarmOutcome.Stored], counts[(int)WarmOutcome.Fresh], counts[(int)WarmOutcome.NotStored],
                    counts[(int)WarmOutcome.Failed], StartedAt, seconds, perSecond, isRunning && perSecond > 0 ? (_targets.Count - done) / perSecond : null, [.. _problems]);
            }
        }
    }

    public void Start(Warmer warmer, GatewayMetrics metrics) => Completion = Task.Run(() => RunAsync(warmer, metrics));

    public void Cancel() => _cancellation.Cancel();

    public void Dispose() => _cancellation.Dispose();

    private async Task RunAsync(Warmer warmer, GatewayMetrics metrics)
    {
        var options = new ParallelOptions { MaxDegreeOfParallelism = Concurrency, CancellationToken = _cancellation.Token };
        try
        {
            await Parallel.ForEachAsync(_targets, options, async (target, cancellation) =>
            {
                await _pace.NextAsync(cancellation);
                Note(target, await warmer.WarmAsync(target, cancellation), metrics);
            });
            End(WarmState.Done);
        }
        catch (OperationCanceledException) when (_cancellation.IsCancellationRequested)
        {
            End(WarmState.Cancelled);
        }
        catch (Exception exception)
        {
            // A bug, and no reason for the process to end: whoever watches the job says so.
            Error = exception;
            End(WarmState.Failed);
        }
    }

    private void End(WarmState state)
    {
        Volatile.Write(ref _ended, _time.GetTimestamp());
        _state = state;
    }

    private void Note(WarmTarget target, WarmResult result, GatewayMetrics metrics)
    {
        Interlocked.Increment(ref _counts[(int)result.Outcome]);
        metrics.Warmed(Cause, Text(result.Outcome));
        if (result.Reason is not { } reason)
        {
            return;
        }

        lock (_problems)
        {
            if (_problems.Count < MostProblems)
            {
                var url = RedactedKey.Of("", new ResourceId(target.Scheme, target.Authority, target.Target, "", false)).Url;
                _problems.Add(new WarmProblem(url, Text(result.Outcome), result.Status, reason.Text()));
            }
        }
    }

    private static string Text(WarmOutcome outcome) => outcome switch
    {
        WarmOutcome.Stored => "stored",
        WarmOutcome.Fresh => "fresh",
        WarmOutcome.NotStored => "not-stored",
        _ => "failed",
    };
}
