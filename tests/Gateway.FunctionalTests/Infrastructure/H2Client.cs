using System.Buffers.Binary;
using System.Net.Sockets;
using System.Text;

namespace CacheGateway.FunctionalTests.Infrastructure;

/// <summary>
/// HTTP/2 with prior knowledge on a raw socket, frame by frame (RFC 9113), so that frames may be wrong on purpose. Fields are sent as literals, byte
/// for byte (RFC 7541 6.2.2); what comes back is frames, of which nothing is decoded.
/// </summary>
internal sealed class H2Client : IAsyncDisposable
{
    public const byte Data = 0, Headers = 1, Reset = 3, Settings = 4, Ping = 6, GoAway = 7, Continuation = 9;
    public const byte EndStream = 1, Acknowledged = 1, EndHeaders = 4;
    public const byte Cancel = 8;

    private readonly TcpClient _client;
    private readonly NetworkStream _stream;
    private readonly Dictionary<int, StringBuilder> _bodies = [];
    private readonly Dictionary<int, string> _ends = [];
    private bool _isClosed;
    private bool _isPinged;

    private H2Client(TcpClient client)
    {
        _client = client;
        _stream = client.GetStream();
    }

    public static async Task<H2Client> ConnectAsync(Uri address)
    {
        var tcp = new TcpClient { NoDelay = true };
        await tcp.ConnectAsync(address.Host, address.Port);
        var client = new H2Client(tcp);
        await client._stream.WriteAsync("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"u8.ToArray());
        await client.SendAsync(Settings, 0, 0, []);
        return client;
    }

    /// <summary>The other end: takes a connection that a client of HTTP/2 makes.</summary>
    public static async Task<H2Client> AcceptAsync(TcpListener listener)
    {
        var tcp = await Deadline.Within(listener.AcceptTcpClientAsync(), "a connection");
        tcp.NoDelay = true;
        var peer = new H2Client(tcp);
        await Deadline.Within(peer._stream.ReadExactlyAsync(new byte["PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".Length]).AsTask(), "the preface");
        await peer.SendAsync(Settings, 0, 0, []);
        return peer;
    }

    /// <summary>The stream of the next request that comes.</summary>
    public async Task<int> RequestAsync()
    {
        while (true)
        {
            var frame = await ReadAsync() ?? throw new InvalidOperationException("The connection ended before a request came.");
            if (frame.Type == Headers)
            {
                return frame.Stream;
            }
        }
    }

    /// <summary>Takes no streams above <paramref name="last"/> any more (RFC 9113 6.8).</summary>
    public Task GoAwayAsync(int last, byte code) => SendAsync(GoAway, 0, 0, [0, 0, (byte)(last >> 8), (byte)last, 0, 0, 0, code]);

    /// <summary>A header block of these fields ("name: value"; a pseudo-header begins with its colon).</summary>
    public static byte[] Block(params string[] fields)
    {
        using var block = new MemoryStream();
        foreach (var field in fields)
        {
            var colon = field.IndexOf(": ", StringComparison.Ordinal);
            block.WriteByte(0);
            Text(block, field[..colon]);
            Text(block, field[(colon + 2)..]);
        }

        return block.ToArray();
    }

    public async Task SendAsync(byte type, byte flags, int stream, byte[] payload)
    {
        var frame = new byte[9 + payload.Length];
        frame[0] = (byte)(payload.Length >> 16);
        BinaryPrimitives.WriteUInt16BigEndian(frame.AsSpan(1), (ushort)payload.Length);
        frame[3] = type;
        frame[4] = flags;
        BinaryPrimitives.WriteInt32BigEndian(frame.AsSpan(5), stream);
        payload.CopyTo(frame, 9);
        await _stream.WriteAsync(frame);
    }

    /// <summary>What is sent to a connection that the other side has closed meanwhile is lost, which is all right.</summary>
    public async Task<bool> TrySendAsync(byte type, byte flags, int stream, byte[] payload)
    {
        try
        {
            await SendAsync(type, flags, stream, payload);
            return true;
        }
        catch (IOException)
        {
            return false;
        }
    }

    /// <summary>The next frame; null at the end of the connection.</summary>
    public async Task<H2Frame?> ReadAsync()
    {
        try
        {
            var head = new byte[9];
            await Deadline.Within(_stream.ReadExactlyAsync(head).AsTask(), "a frame");
            var payload = new byte[(head[0] << 16) | (head[1] << 8) | head[2]];
            await Deadline.Within(_stream.ReadExactlyAsync(payload).AsTask(), "a frame's payload");
            return new H2Frame(head[3], head[4], BinaryPrimitives.ReadInt32BigEndian(head.AsSpan(5)) & int.MaxValue, payload);
        }
        catch (IOException)
        {
            return null;
        }
    }

    /// <summary>GET by a request of its own stream.</summary>
    public Task GetAsync(int stream, string authority, string target) =>
        SendAsync(Headers, EndHeaders | EndStream, stream, Block(":method: GET", ":scheme: http", $":authority: {authority}", $":path: {target}"));

    /// <summary>
    /// How a stream ends: its body as text, "reset" where the stream is given up, "closed" where the connection is.
    /// </summary>
    public async Task<string> EndOfAsync(int stream)
    {
        while (!_ends.ContainsKey(stream) && !_isClosed)
        {
            await TakeAsync();
        }

        return _ends.GetValueOrDefault(stream, "closed");
    }

    /// <summary>Waits until so many bytes of a stream's body are there.</summary>
    public async Task SomeOfAsync(int stream, int bytes)
    {
        while (!_bodies.TryGetValue(stream, out var body) || body.Length < bytes)
        {
            Assert.False(_isClosed || _ends.ContainsKey(stream), $"stream {stream} ended before {bytes} bytes");
            await TakeAsync();
        }
    }

    /// <summary>Gives a stream up, and waits until the other side has read that.</summary>
    public async Task ResetAsync(int stream)
    {
        await SendAsync(Reset, 0, stream, [0, 0, 0, Cancel]);
        await SendAsync(Ping, 0, 0, new byte[8]);
        while (!_isPinged)
        {
            Assert.False(_isClosed, "the connection was closed");
            await TakeAsync();
        }

        _isPinged = false;
    }

    /// <summary>Takes the next frame to the stream it is of.</summary>
    private async Task TakeAsync()
    {
        var frame = await ReadAsync();
        if (frame is null || (frame.Type == GoAway && frame.Payload[4..8].Any(b => b != 0)))
        {
            _isClosed = true;
        }
        else if (frame.Type == Settings && (frame.Flags & Acknowledged) == 0)
        {
            await TrySendAsync(Settings, Acknowledged, 0, []);
        }
        else if (frame.Type == Ping)
        {
            _isPinged |= (frame.Flags & Acknowledged) != 0;
        }
        else if (frame.Type == Reset)
        {
            _ends.TryAdd(frame.Stream, "reset");
        }
        else if (frame.Type is Data or Headers)
        {
            if (!_bodies.TryGetValue(frame.Stream, out var body))
            {
                _bodies[frame.Stream] = body = new StringBuilder();
            }

            body.Append(frame.Type == Data ? Encoding.Latin1.GetString(frame.Payload) : "");
            if ((frame.Flags & EndStream) != 0)
            {
                _ends.TryAdd(frame.Stream, body.ToString());
            }
        }
    }

    public ValueTask DisposeAsync()
    {
        _client.Dispose();
        return ValueTask.CompletedTask;
    }

    /// <summary>A string of HPACK without Huffman coding; lengths of 127 and more go on in groups of seven bits (RFC 7541 5.1).</summary>
    private static void Text(MemoryStream block, string text)
    {
        var length = text.Length;
        block.WriteByte((byte)Math.Min(length, 127));
        for (length -= 127; length >= 0; length >>= 7)
        {
            block.WriteByte((byte)(length < 128 ? length : (length & 127) | 128));
            if (length < 128)
            {
                break;
            }
        }

        block.Write(Encoding.Latin1.GetBytes(text));
    }
}

/// <summary>One frame as it came.</summary>
internal sealed record H2Frame(byte Type, byte Flags, int Stream, byte[] Payload);
