using System.Globalization;
using System.Net.Sockets;
using System.Text;

namespace CacheGateway.FunctionalTests.Infrastructure;

/// <summary>One request on one connection, for handlers that want the wire itself (streams, upgrades, reading a body piece by piece).</summary>
internal sealed class OriginExchange(OriginRequest request, Socket socket, NetworkStream stream, WireReader reader, TimeProvider time, CancellationToken stopping)
{
    private bool _bodyRead;

    public OriginRequest Request => request;

    public WireReader Reader => reader;

    /// <summary>The bare stream, for what is no HTTP any more; nothing that <see cref="Reader"/> already took comes again.</summary>
    public Stream Stream => stream;

    /// <summary>Fires when the origin is being shut down, so that no handler outlives its test.</summary>
    public CancellationToken Stopping => stopping;

    /// <summary>Whether the connection may carry another request.</summary>
    public bool KeepAlive { get; private set; } = true;

    public async Task ReadBodyAsync()
    {
        if (_bodyRead)
        {
            return;
        }

        _bodyRead = true;
        using var body = new MemoryStream();
        if (request.Header("Transfer-Encoding") is not null)
        {
            await reader.CopyChunkedAsync(body, stopping);
        }
        else if (request.Header("Content-Length") is { } length)
        {
            await reader.CopyExactlyAsync(long.Parse(length, CultureInfo.InvariantCulture), body, stopping);
        }

        request.Body = body.ToArray();
    }

    public Task SendAsync(string text) => SendAsync(Encoding.Latin1.GetBytes(text));

    public async Task SendAsync(ReadOnlyMemory<byte> bytes) => await stream.WriteAsync(bytes, stopping);

    /// <summary>Ends the connection with FIN after what was sent.</summary>
    public void Close()
    {
        KeepAlive = false;
        socket.Shutdown(SocketShutdown.Send);
    }

    /// <summary>Ends the connection with RST.</summary>
    public void Reset()
    {
        KeepAlive = false;
        socket.LingerState = new LingerOption(true, 0);
        socket.Close();
    }

    public async Task SendAsync(Reply reply)
    {
        if (reply.Raw is { } raw)
        {
            await SendAsync(raw);
        }
        else
        {
            await SendAsync(reply.Head(request.Method, time.GetUtcNow()));
            if (reply.HasBody(request.Method))
            {
                await SendBodyAsync(reply);
            }
        }

        if (reply.Ending == ReplyEnding.Reset)
        {
            Reset();
        }
        else if (reply.Ending == ReplyEnding.Close || reply.Framing == ReplyFraming.Close)
        {
            Close();
        }
    }

    private async Task SendBodyAsync(Reply reply)
    {
        foreach (var piece in reply.Pieces)
        {
            if (piece.Gate is { } gate)
            {
                await gate.Opened.WaitAsync(stopping);
            }
            else if (piece.Bytes is { Length: > 0 } bytes)
            {
                await SendAsync(reply.Framing == ReplyFraming.Chunked ? Chunk(bytes) : bytes);
            }
        }

        if (reply.Framing == ReplyFraming.Chunked && reply.LastChunk)
        {
            await SendAsync("0\r\n" + string.Concat(reply.Trailers.Select(line => line + "\r\n")) + "\r\n");
        }
    }

    private static byte[] Chunk(byte[] bytes) => [.. Encoding.ASCII.GetBytes($"{bytes.Length:x}\r\n"), .. bytes, .. "\r\n"u8];
}
