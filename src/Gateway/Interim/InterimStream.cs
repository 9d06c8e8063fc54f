using System.Runtime.CompilerServices;

namespace CacheGateway.Interim;

/// <summary>
/// An HTTP/1.1 connection to an origin, read along by a watch from the moment a request with a listener is written until its final head has
/// been read. It passes every byte as it is. Made with the connection, dies with it.
/// </summary>
/// <remarks>
/// The client begins to read an idle connection before it writes to it, so a read is judged when it completes, not when it begins.
/// </remarks>
/// <param name="inner">The connection.</param>
/// <param name="mustLeave">Whether this thread is one that must not be kept by what comes after a read.</param>
internal sealed class InterimStream(Stream inner, Func<bool> mustLeave) : Stream
{
    private InterimWatch? _watch;

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
        return inner.WriteAsync(buffer, cancellationToken);
    }

    public override Task WriteAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken)
    {
        Written();
        return inner.WriteAsync(buffer, offset, count, cancellationToken);
    }

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
        var read = inner.ReadAsync(buffer, cancellationToken);
        if (!read.IsCompletedSuccessfully)
        {
            return AwaitedAsync(read, buffer);
        }

        var count = read.Result;
        WasRead(buffer.Span[..count]);
        return ValueTask.FromResult(count);
    }

    public override async Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        await ReadAsync(buffer.AsMemory(offset, count), cancellationToken);

    public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

    public override int Read(Span<byte> buffer)
    {
        var count = inner.Read(buffer);
        WasRead(buffer[..count]);
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
        int count;
        try
        {
            count = await read;
        }
        finally
        {
            if (mustLeave())
            {
                await Task.Yield();
            }
        }

        WasRead(buffer.Span[..count]);
        return count;
    }

    /// <summary>A request is being written, perhaps in pieces: its listener, or the lack of one, replaces that of the request before.</summary>
    private void Written()
    {
        var listener = InterimScope.Current;
        if (!ReferenceEquals(Volatile.Read(ref _watch)?.Listener, listener))
        {
            Volatile.Write(ref _watch, listener is { IsOpen: true } ? new InterimWatch(listener) : null);
        }
    }

    private void WasRead(ReadOnlySpan<byte> bytes)
    {
        if (Volatile.Read(ref _watch) is { } watch && !bytes.IsEmpty && !watch.Read(bytes))
        {
            Volatile.Write(ref _watch, null);
        }
    }
}
