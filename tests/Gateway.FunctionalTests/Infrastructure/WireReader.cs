using System.Text;

namespace CacheGateway.FunctionalTests.Infrastructure;

/// <summary>Reads lines and bodies of HTTP/1.1 off a stream without interpreting more than asked; both ends of the tests share it.</summary>
internal sealed class WireReader(Stream stream)
{
    private readonly byte[] _buffer = new byte[32 * 1024];
    private int _start;
    private int _end;

    /// <summary>The next line without its line end (Latin-1, so that every byte survives), or null at the end of the stream.</summary>
    public async Task<string?> ReadLineAsync(CancellationToken cancellation = default)
    {
        var line = new StringBuilder();
        while (true)
        {
            var newline = _buffer.AsSpan(_start, _end - _start).IndexOf((byte)'\n');
            if (newline >= 0)
            {
                line.Append(Encoding.Latin1.GetString(_buffer, _start, newline));
                _start += newline + 1;
                return line.Length > 0 && line[^1] == '\r' ? line.ToString(0, line.Length - 1) : line.ToString();
            }

            line.Append(Encoding.Latin1.GetString(_buffer, _start, _end - _start));
            _start = _end;
            if (!await FillAsync(cancellation))
            {
                return line.Length == 0 ? null : throw new EndOfStreamException($"The stream ended inside the line \"{line}\".");
            }
        }
    }

    /// <summary>Whatever is there next, at least one byte; empty at the end of the stream.</summary>
    public async Task<ReadOnlyMemory<byte>> ReadSomeAsync(int limit, CancellationToken cancellation = default)
    {
        if (_start == _end && !await FillAsync(cancellation))
        {
            return default;
        }

        var taken = Math.Min(limit, _end - _start);
        var bytes = _buffer.AsMemory(_start, taken).ToArray();
        _start += taken;
        return bytes;
    }

    public async Task CopyExactlyAsync(long count, Stream target, CancellationToken cancellation = default)
    {
        while (count > 0)
        {
            var some = await ReadSomeAsync((int)Math.Min(count, int.MaxValue), cancellation);
            if (some.IsEmpty)
            {
                throw new EndOfStreamException($"The stream ended {count} bytes early.");
            }

            target.Write(some.Span);
            count -= some.Length;
        }
    }

    public async Task CopyToEndAsync(Stream target, CancellationToken cancellation = default)
    {
        while (await ReadSomeAsync(int.MaxValue, cancellation) is { IsEmpty: false } some)
        {
            target.Write(some.Span);
        }
    }

    /// <summary>Decodes a chunked body into <paramref name="target"/> and returns the trailer lines.</summary>
    public async Task<List<string>> CopyChunkedAsync(Stream target, CancellationToken cancellation = default)
    {
        while (true)
        {
            var size = ChunkSize(await ReadLineAsync(cancellation));
            if (size == 0)
            {
                return await ReadFieldLinesAsync(cancellation);
            }

            await CopyExactlyAsync(size, target, cancellation);
            await ReadLineAsync(cancellation);
        }
    }

    /// <summary>Field lines up to the empty line.</summary>
    public async Task<List<string>> ReadFieldLinesAsync(CancellationToken cancellation = default)
    {
        var lines = new List<string>();
        while (true)
        {
            var line = await ReadLineAsync(cancellation) ?? throw new EndOfStreamException("The stream ended inside the header section.");
            if (line.Length == 0)
            {
                return lines;
            }

            lines.Add(line);
        }
    }

    private static long ChunkSize(string? line)
    {
        if (line is null)
        {
            throw new EndOfStreamException("The stream ended before the last chunk.");
        }

        return Convert.ToInt64(line.Split(';')[0].Trim(), 16);
    }

    private async Task<bool> FillAsync(CancellationToken cancellation)
    {
        _start = 0;
        _end = 0;
        _end = await stream.ReadAsync(_buffer, cancellation);
        return _end > 0;
    }
}
