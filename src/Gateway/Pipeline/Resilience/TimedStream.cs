using System.Runtime.CompilerServices;

namespace CacheGateway.Pipeline.Resilience;

/// <summary>
/// Reads an origin's body and gives up when it is silent for too long. Only the wait for the origin counts: a client that takes its time
/// makes no origin late.
/// </summary>
internal sealed class TimedStream(Stream inner, ForwardFeature forward) : Stream
{
    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => false;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        forward.HandedOnAt = 0;
        var read = inner.ReadAsync(buffer, forward.Timer!.Token);
        if (!read.IsCompletedSuccessfully)
        {
            if (!read.IsCompleted)
            {
                forward.FellSilent();
            }

            return AwaitedAsync(read, cancellationToken);
        }

        // What lies there already is no silence: no timer for it.
        var count = read.Result;
        forward.HandOn(count);
        return ValueTask.FromResult(count);
    }

    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException("Read asynchronously.");

    public override void Flush()
    {
    }

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            inner.Dispose();
        }

        base.Dispose(disposing);
    }

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    private async ValueTask<int> AwaitedAsync(ValueTask<int> read, CancellationToken cancellationToken)
    {
        var (timer, limit) = (forward.Timer!, forward.Times!.Value.BetweenBytes);
        timer.Wait(limit);
        try
        {
            var count = await read;
            forward.HandOn(count);
            return count;
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            // Not a cancellation to those who read: the origin broke its body off.
            throw new IOException($"The origin sent nothing for {limit.TotalSeconds} s inside a body.");
        }
        finally
        {
            timer.Came();
        }
    }
}
