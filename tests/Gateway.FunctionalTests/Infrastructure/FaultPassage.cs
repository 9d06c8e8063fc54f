using System.Net.Sockets;

namespace CacheGateway.FunctionalTests.Infrastructure;

/// <summary>One connection's way along a <see cref="FaultLine"/>: applies the line's faults to each piece, in the order of the wire.</summary>
internal sealed class FaultPassage(FaultLine line, RespScanner? resp)
{
    private long _passed;
    private bool _swallowing;

    /// <summary>How the connection is to be ended after <see cref="PassAsync"/> said so.</summary>
    public bool EndsWithReset { get; private set; }

    /// <summary>Sends what the faults leave of a piece; false = the connection ends here.</summary>
    public async Task<bool> PassAsync(Memory<byte> piece, Socket to, CancellationToken stopping)
    {
        if (line.NextDelay() is var delay && delay > TimeSpan.Zero)
        {
            await Task.Delay(delay, stopping);
        }

        if (line.Released is { IsCompleted: false } released)
        {
            line.Count(held: 1);
            await released.WaitAsync(stopping);
        }

        if (line.Drop)
        {
            line.Count(dropped: piece.Length);
            return true;
        }

        line.CorruptNow(piece.Span);
        if (resp is not null)
        {
            piece = WithoutSwallowed(piece);
        }

        if (line.TakeInjection() is { } injected)
        {
            await WriteAsync(injected, to, stopping);
        }

        if (line.TakeDuplicate())
        {
            await WriteAsync(piece, to, stopping);
        }

        return await PassUpToLimitAsync(piece, to, stopping);
    }

    private async Task<bool> PassUpToLimitAsync(Memory<byte> piece, Socket to, CancellationToken stopping)
    {
        EndsWithReset = line.ResetAfter is not null;
        if ((line.ResetAfter ?? line.CloseAfter) is not { } limit || _passed + piece.Length < limit)
        {
            await WriteAsync(piece, to, stopping);
            return true;
        }

        await WriteAsync(piece[..(int)Math.Max(0, limit - _passed)], to, stopping);
        line.Count(ended: 1);
        return false;
    }

    private async Task WriteAsync(ReadOnlyMemory<byte> bytes, Socket to, CancellationToken stopping)
    {
        var step = line.Slice > 0 ? line.Slice : Math.Max(1, bytes.Length);
        var rate = line.BytesPerSecond;
        if (rate > 0)
        {
            step = Math.Min(step, Math.Max(1, rate / 20));
        }

        line.Count(sliced: bytes.Length > step ? 1 : 0);
        for (var start = 0; start < bytes.Length; start += step)
        {
            var part = bytes.Slice(start, Math.Min(step, bytes.Length - start));
            await to.SendAsync(part, stopping);
            _passed += part.Length;
            line.Count(forwarded: part.Length);
            if (rate > 0)
            {
                await Task.Delay(TimeSpan.FromSeconds((double)part.Length / rate), stopping);
            }
        }
    }

    private Memory<byte> WithoutSwallowed(Memory<byte> piece)
    {
        var kept = 0;
        for (var i = 0; i < piece.Length; i++)
        {
            if (resp!.IsAtStart)
            {
                _swallowing = line.TakeSwallow();
            }

            resp.Take(piece.Span[i]);
            if (!_swallowing)
            {
                piece.Span[kept++] = piece.Span[i];
            }
        }

        line.Count(dropped: piece.Length - kept);
        return piece[..kept];
    }
}
