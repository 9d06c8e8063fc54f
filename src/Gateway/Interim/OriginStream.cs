using System.Net.Sockets;
using System.Runtime.CompilerServices;

namespace CacheGateway.Interim;

/// <summary>
/// An HTTP/1.1 connection to an origin as the client library uses it, made with the connection and gone with it. It passes every byte as it is, and
/// <list type="bullet">
/// <item>is read along by a watch from the moment a request with a listener is written until its final head has been read;</item>
/// <item>tells an origin that ends a new connection without a word from one that ends or resets an old one, which may have been idle for too long: the library would send the request up
/// to four times where it ends, and never where it is reset, and whether it is sent once more on a new one is the gateway's own decision;</item>
/// <item>lets an answer be heard that came before the request was whole, where the origin then takes no more of it: the library would tell of the connection that broke
/// (RFC 9110 10.1.1, RFC 9112 9.3).</item>
/// </list>
/// </summary>
/// <remarks>
/// The library begins to read an idle connection before it writes to it, so a read is judged when it completes, not when it begins.
/// </remarks>
/// <param name="inner">The connection.</param>
/// <param name="mustLeave">Whether this thread is one that must not be kept by what comes after a read.</param>
/// <param name="hasMore">Whether something lies there to be read.</param>
/// <param name="time">The clock.</param>
internal sealed class OriginStream(Stream inner, Func<bool> mustLeave, Func<bool> hasMore, TimeProvider time) : Stream
{
    private const string NoAnswer = "The origin ended the connection without an answer.";

    /// <summary>An origin that closes what is idle is heard of within a way there and back. Later it is the request that it could not stand, which must not be sent again and again.</summary>
    private static readonly TimeSpan WayAndBack = TimeSpan.FromMilliseconds(250);

    private InterimWatch? _watch;
    private TaskCompletionSource? _afterRead;
    private bool _hasRead;
    private bool _isHeard;
    private bool _isRaw;
    private bool _isAhead;
    private volatile bool _mayBegin;
    private long _writtenAt;
    private volatile bool _isReading;
    private volatile bool _lastBroughtSome;
    private bool _isRefused;

    public override bool CanRead => inner.CanRead;

    public override bool CanSeek => false;

    public override bool CanWrite => inner.CanWrite;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        Written();
        if (_isRefused)
        {
            ContentScope.Current?.IsRefused = true;
            return ValueTask.CompletedTask;
        }

        var write = inner.WriteAsync(buffer, cancellationToken);
        return write.IsCompletedSuccessfully ? write : AwaitedAsync(write);
    }

    public override Task WriteAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        WriteAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override void Write(byte[] buffer, int offset, int count)
    {
        Written();
        inner.Write(buffer, offset, count);
    }

    public override void Write(ReadOnlySpan<byte> buffer)
    {
        Written();
        inner.Write(buffer);
    }

    public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        _lastBroughtSome = false;
        if (buffer.IsEmpty || !_isAhead)
        {
            _mayBegin = true;
        }

        (_isAhead, _isReading) = (buffer.IsEmpty, true);
        ValueTask<int> read;
        try
        {
            read = inner.ReadAsync(buffer, cancellationToken);
        }
        catch
        {
            ReadEnded(broughtSome: false);
            throw;
        }

        if (!read.IsCompletedSuccessfully)
        {
            return AwaitedAsync(read, buffer);
        }

        var count = read.Result;
        ReadEnded(count > 0);
        WasRead(buffer.Span[..count], buffer.IsEmpty);
        return ValueTask.FromResult(count);
    }

    public override async Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        await ReadAsync(buffer.AsMemory(offset, count), cancellationToken);

    public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

    public override int Read(Span<byte> buffer)
    {
        var count = inner.Read(buffer);
        WasRead(buffer[..count], buffer.IsEmpty);
        return count;
    }

    public override void Flush() => inner.Flush();

    public override Task FlushAsync(CancellationToken cancellationToken) => inner.FlushAsync(cancellationToken);

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public override async ValueTask DisposeAsync()
    {
        await inner.DisposeAsync();
        await base.DisposeAsync();
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            inner.Dispose();
        }

        base.Dispose(disposing);
    }

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    private async ValueTask<int> AwaitedAsync(ValueTask<int> read, Memory<byte> buffer)
    {
        var count = 0;
        try
        {
            count = await read;
        }
        catch (IOException exception) when (IsEndOfThisRequest())
        {
            throw new HttpIOException(HttpRequestError.ResponseEnded, NoAnswer, exception);
        }
        catch (IOException exception) when (WasIdle(exception))
        {
            // Nothing was read, as at an end in good order.
        }
        finally
        {
            ReadEnded(count > 0);
            if (mustLeave())
            {
                await Task.Yield();
            }
        }

        WasRead(buffer.Span[..count], buffer.IsEmpty);
        return count;
    }

    private async ValueTask AwaitedAsync(ValueTask write)
    {
        try
        {
            await write;
        }
        catch (IOException exception)
        {
            // A request whose content has begun is not sent again, and nothing is read before all of it is written: it ends here.
            var content = ContentScope.Current;
            if (!await HasAnswerAsync() && (content is not null || !WasIdle(exception)))
            {
                throw;
            }

            // The origin is gone, behind its answer or because nothing had been asked of it for long: the next read tells which, and this connection is not used again.
            _isRefused = true;
            content?.IsRefused = true;
        }
    }

    /// <summary>
    /// Whether an old connection was reset by an origin that closed what was idle, while the bytes of this request were on their way to it: a moment earlier it would have been the end of
    /// the connection, which is what the library is told: it sends what may be sent again on another.
    /// </summary>
    private bool WasIdle(IOException exception) =>
        !_isHeard && !IsEndOfThisRequest() && exception.GetBaseException() is SocketException { SocketErrorCode: SocketError.ConnectionReset or SocketError.ConnectionAborted or SocketError.Shutdown };

    /// <summary>Whether a connection that ends now has nothing to say to the request that was written, although there was time to hear it.</summary>
    private bool IsEndOfThisRequest() => !_isHeard && (!_hasRead || time.GetElapsedTime(_writtenAt) > WayAndBack);

    /// <summary>
    /// Whether an answer lies there or was read ahead, as the library does on an old connection. A read that goes on may hold what lies there no longer: it ends now that the connection has.
    /// </summary>
    private async ValueTask<bool> HasAnswerAsync()
    {
        while (!hasMore())
        {
            if (!_isReading)
            {
                return _lastBroughtSome;
            }

            var after = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            Interlocked.Exchange(ref _afterRead, after);
            if (_isReading)
            {
                await after.Task;
            }
        }

        return true;
    }

    /// <summary>What it brought is known before it has ended, and who waits for its end is told after.</summary>
    private void ReadEnded(bool broughtSome)
    {
        _lastBroughtSome = broughtSome;
        _isReading = false;
        Interlocked.MemoryBarrier();
        Volatile.Read(ref _afterRead)?.TrySetResult();
    }

    /// <summary>A request is being written, perhaps in pieces: its listener, or the lack of one, replaces that of the request before.</summary>
    private void Written()
    {
        // A piece of a request whose answer has begun is no new one: before that the library has read, but for what it reads ahead (a read of nothing and the one behind it), which may end in the middle of it.
        // That one may just be hearing the answer: of a piece that is no new request nothing is written here.
        if (_mayBegin && !_isRaw)
        {
            _isHeard = false;
        }

        (_mayBegin, _writtenAt) = (false, time.GetTimestamp());
        var listener = InterimScope.Current;
        if (!ReferenceEquals(Volatile.Read(ref _watch)?.Listener, listener))
        {
            Volatile.Write(ref _watch, listener is { IsOpen: true } ? new InterimWatch(listener) : null);
        }
    }

    /// <exception cref="HttpIOException">The connection ends, and not because it had been idle.</exception>
    private void WasRead(ReadOnlySpan<byte> bytes, bool isProbe)
    {
        if (bytes.IsEmpty && !isProbe && IsEndOfThisRequest())
        {
            throw new HttpIOException(HttpRequestError.ResponseEnded, NoAnswer);
        }

        // Another protocol has no requests.
        _isRaw |= !_isHeard && bytes.StartsWith("HTTP/1.1 101"u8);
        (_hasRead, _isHeard) = (_hasRead || !bytes.IsEmpty, _isHeard || !bytes.IsEmpty);
        if (Volatile.Read(ref _watch) is { } watch && !bytes.IsEmpty && !watch.Read(bytes))
        {
            Volatile.Write(ref _watch, null);
        }
    }
}
