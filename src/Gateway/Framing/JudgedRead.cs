using System.Threading.Tasks.Sources;

namespace CacheGateway.Framing;

/// <summary>
/// The read that a server or a client waits for, judged where its result is taken. A connection waits once for each of its requests, so it does without a state
/// machine between those of the socket or pipe and of who reads. One read at a time; belongs to the connection.
/// </summary>
/// <typeparam name="T">What a read gives.</typeparam>
internal sealed class JudgedRead<T> : IValueTaskSource<T>
{
    private readonly Func<ValueTask<T>, T> _judge;
    private readonly Func<bool>? _mustLeave;
    private readonly Action _goOn;
    private ValueTask<T> _read;
    private Action<object?>? _continuation;
    private object? _state;
    private bool _flows;
    private short _number;

    /// <param name="judge">Called once for each read, by whoever takes its result, with the read as it ended.</param>
    /// <param name="mustLeave">Whether this thread must not be kept by who goes on with the result, which then is another's; null = none is.</param>
    public JudgedRead(Func<ValueTask<T>, T> judge, Func<bool>? mustLeave = null)
    {
        (_judge, _mustLeave) = (judge, mustLeave);
        _goOn = GoOn;
    }

    /// <summary>The judged result of <paramref name="read"/>, to be taken once and before the next read begins.</summary>
    public ValueTask<T> Of(ValueTask<T> read)
    {
        _read = read;
        return new ValueTask<T>(this, ++_number);
    }

    public T GetResult(short token)
    {
        Check(token);
        return _judge(_read);
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
        _flows = (flags & ValueTaskSourceOnCompletedFlags.FlowExecutionContext) != 0;
        if (_flows)
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
        if (_mustLeave?.Invoke() != true)
        {
            continuation!(state);
        }
        else if (_flows)
        {
            ThreadPool.QueueUserWorkItem(continuation!, state, preferLocal: true);
        }
        else
        {
            ThreadPool.UnsafeQueueUserWorkItem(continuation!, state, preferLocal: true);
        }
    }

    private void Check(short token)
    {
        if (token != _number)
        {
            throw new InvalidOperationException("The result of a read is taken once, before the next read begins.");
        }
    }
}
