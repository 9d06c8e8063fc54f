using System.IO.Pipelines;
using System.Threading.Tasks.Sources;

namespace CacheGateway.Framing;

/// <summary>
/// The read that a server waits for, judged where its result is taken. A connection waits once for each of its requests, so it does without a state
/// machine between those of the pipe and of the server. One read at a time; belongs to the connection.
/// </summary>
internal sealed class JudgedRead : IValueTaskSource<ReadResult>
{
    private readonly Func<ReadResult, ReadResult> _judge;
    private readonly Action _goOn;
    private ValueTask<ReadResult> _read;
    private Action<object?>? _continuation;
    private object? _state;
    private short _number;

    /// <param name="judge">Called once for each read that succeeds, by whoever takes its result.</param>
    public JudgedRead(Func<ReadResult, ReadResult> judge)
    {
        _judge = judge;
        _goOn = GoOn;
    }

    /// <summary>The judged result of <paramref name="read"/>, to be taken once and before the next read begins.</summary>
    public ValueTask<ReadResult> Of(ValueTask<ReadResult> read)
    {
        _read = read;
        return new ValueTask<ReadResult>(this, ++_number);
    }

    public ReadResult GetResult(short token)
    {
        Check(token);
        return _judge(_read.GetAwaiter().GetResult());
    }

    public ValueTaskSourceStatus GetStatus(short token)
    {
        Check(token);
        return !_read.IsCompleted ? ValueTaskSourceStatus.Pending
            : _read.IsCompletedSuccessfully ? ValueTaskSourceStatus.Succeeded
            : _read.IsCanceled ? ValueTaskSourceStatus.Canceled
            : ValueTaskSourceStatus.Faulted;
    }

    public void OnCompleted(Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags)
    {
        Check(token);
        (_continuation, _state) = (continuation, state);
        var awaiter = _read.ConfigureAwait((flags & ValueTaskSourceOnCompletedFlags.UseSchedulingContext) != 0).GetAwaiter();
        if ((flags & ValueTaskSourceOnCompletedFlags.FlowExecutionContext) != 0)
        {
            awaiter.OnCompleted(_goOn);
        }
        else
        {
            awaiter.UnsafeOnCompleted(_goOn);
        }
    }

    private void GoOn()
    {
        var (continuation, state) = (_continuation, _state);
        (_continuation, _state) = (null, null);
        continuation!(state);
    }

    private void Check(short token)
    {
        if (token != _number)
        {
            throw new InvalidOperationException("The result of a read is taken once, before the next read begins.");
        }
    }
}
