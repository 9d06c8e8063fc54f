using CacheGateway.Model;

namespace CacheGateway.Pipeline;

/// <summary>
/// The growing body of a fill: one writer (the fetch), any number of readers, each at its own place. Two ways of keeping bytes:
/// <list type="bullet">
/// <item>whole: nothing is dropped and the writer never waits, because the body is going to be stored;</item>
/// <item>window: what every reader has passed is dropped, and the writer waits while the slowest reader is more than a window behind.</item>
/// </list>
/// A body starts whole and may change to window once (too large, or not storable); never back. Created by a <see cref="Fill"/>, dies with it.
/// </summary>
internal sealed class FillBody
{
    /// <summary>How far the origin may run ahead of the slowest reader in window mode, in bytes.</summary>
    public const long Window = 1024 * 1024;

    /// <summary>The same where there is no memory for more: what keeps a connection busy.</summary>
    public const long LeastWindow = 64 * 1024;

    private readonly Lock _gate = new();
    private readonly FillSegments _segments;
    private readonly TimeProvider _time;
    private readonly FillReaders _readers = new();
    private bool _windowed;
    private long _window;
    private Action? _left;
    private long _visible;
    private long _waitingSince;
    private TaskCompletionSource? _grown;
    private TaskCompletionSource? _freed;

    /// <param name="expectedLength">See <see cref="Expected"/>.</param>
    /// <param name="time">Measures for how long readers wait.</param>
    public FillBody(long? expectedLength, TimeProvider time)
    {
        Expected = expectedLength;
        _time = time;
        _segments = new FillSegments(expectedLength);
    }

    /// <summary>Content-Length of the origin, when it sent one.</summary>
    public long? Expected { get; }

    /// <summary>As long as was announced, if anything was.</summary>
    public bool IsAsAnnounced => Expected is null || Expected == Length;

    /// <summary>Bytes received so far.</summary>
    public long Length => _segments.Length;

    public bool IsComplete { get; private set; }

    public bool IsFailed { get; private set; }

    public bool IsWindowed
    {
        get
        {
            lock (_gate)
            {
                return _windowed;
            }
        }
    }

    /// <summary>Attaches a reader at the first byte; null when bytes were already dropped (it came too late).</summary>
    public FillReader? Attach()
    {
        lock (_gate)
        {
            if (_segments.Dropped > 0)
            {
                return null;
            }

            var reader = new FillReader(this);
            _readers.Add(reader);
            return reader;
        }
    }

    public void Detach(FillReader reader)
    {
        Action? left = null;
        lock (_gate)
        {
            if (_readers.Remove(reader))
            {
                Drop();
            }

            if (_readers.Count == 0)
            {
                (left, _left) = (_left, null);
            }
        }

        left?.Invoke();
    }

    /// <summary>Does <paramref name="act"/> when the last reader is gone: what a slow one has still to read is held until then.</summary>
    public void WhenLeft(Action act)
    {
        lock (_gate)
        {
            if (_readers.Count > 0)
            {
                _left = act;
                return;
            }
        }

        act();
    }

    /// <summary>From now on keep a window of so many bytes only.</summary>
    public void BecomeWindow(long window = Window)
    {
        lock (_gate)
        {
            _windowed = true;
            _window = window;
            Show();
            Drop();
        }
    }

    /// <summary>
    /// Appends a copy of <paramref name="bytes"/>. In window mode the returned task ends when there is room for more. Of a body that is kept, the
    /// piece that meets the announced length is shown only with <see cref="Complete"/>: whoever has read the whole finds it stored.
    /// </summary>
    public Task AppendAsync(ReadOnlyMemory<byte> bytes)
    {
        lock (_gate)
        {
            _segments.Append(bytes.Span);
            if (_windowed || Length != Expected)
            {
                Show();
            }

            return RoomLocked();
        }
    }

    /// <summary>Ends when the slowest reader is less than a window behind (at once when not windowed).</summary>
    public Task RoomAsync()
    {
        lock (_gate)
        {
            return RoomLocked();
        }
    }

    /// <summary>The reader that holds the writer up, or null.</summary>
    public FillReader? Slowest()
    {
        lock (_gate)
        {
            return _readers.Slowest();
        }
    }

    public void Complete()
    {
        lock (_gate)
        {
            IsComplete = true;
            Show();
        }
    }

    public void Fail()
    {
        lock (_gate)
        {
            IsFailed = true;
            Signal(ref _grown);
            Signal(ref _freed);
        }
    }

    /// <summary>The whole body in exact segments; only after <see cref="Complete"/> of a body that was kept whole.</summary>
    public BodySegments ToSegments()
    {
        lock (_gate)
        {
            return _segments.ToSegments();
        }
    }

    /// <summary>The next unread piece for <paramref name="reader"/>: empty = none yet; advances its position.</summary>
    public ReadOnlyMemory<byte> Next(FillReader reader)
    {
        lock (_gate)
        {
            // What a reader that was cut has not read may be gone.
            var piece = reader.IsCut ? default : _segments.PieceAt(reader.Position, _visible);
            reader.Position += piece.Length;
            return piece;
        }
    }

    /// <summary>Called by a reader when the piece it took has been written out.</summary>
    public void Passed(FillReader reader)
    {
        lock (_gate)
        {
            if (_readers.Pass(reader))
            {
                Drop();
            }
        }
    }

    /// <summary>Ends at the next change (more bytes, the end, a failure); at once if there is one <paramref name="reader"/> has not seen.</summary>
    public Task GrownAsync(FillReader reader)
    {
        lock (_gate)
        {
            if (reader.Position < _visible || IsComplete || IsFailed || reader.IsCut)
            {
                return Task.CompletedTask;
            }

            if (_windowed && _grown is null)
            {
                _waitingSince = _time.GetTimestamp();
            }

            _grown ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            return _grown.Task;
        }
    }

    /// <summary>For how long some reader of a window has waited for more; zero where each has something to write.</summary>
    public TimeSpan Waited()
    {
        lock (_gate)
        {
            return _windowed && _grown is not null ? _time.GetElapsedTime(_waitingSince) : TimeSpan.Zero;
        }
    }

    /// <summary>Ends when the body has more than <paramref name="bytes"/>, has ended, or is not kept whole: then it grows only as it is read.</summary>
    public async Task GrownBeyondAsync(long bytes, CancellationToken cancellation)
    {
        while (true)
        {
            Task changed;
            lock (_gate)
            {
                if (Length > bytes || IsComplete || IsFailed || _windowed)
                {
                    return;
                }

                _grown ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
                changed = _grown.Task;
            }

            await changed.WaitAsync(cancellation);
        }
    }

    private void Show()
    {
        _visible = Length;
        Signal(ref _grown);
    }

    private static void Signal(ref TaskCompletionSource? source)
    {
        source?.TrySetResult();
        source = null;
    }

    private Task RoomLocked()
    {
        if (!_windowed || IsFailed)
        {
            return Task.CompletedTask;
        }

        Drop();
        if (_readers.Count == 0 || Length - _readers.Least < _window)
        {
            return Task.CompletedTask;
        }

        _freed ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        return _freed.Task;
    }

    /// <summary>In window mode, lets go of the full segments that every reader has passed.</summary>
    private void Drop()
    {
        if (!_windowed)
        {
            return;
        }

        var passed = _readers.Count == 0 ? Length : _readers.Least;
        _segments.Drop(passed);
        if (Length - passed < _window)
        {
            Signal(ref _freed);
        }
    }
}
