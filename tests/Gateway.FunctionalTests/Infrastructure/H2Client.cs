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
    public const byte EndStream = 1, EndHeaders = 4;

    private readonly TcpClient _client;
    private readonly NetworkStream _stream;

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

    /// <summary>
    /// How a stream ends: its body as text, "reset" where the stream is given up, "closed" where the connection is.
    /// </summary>
    public async Task<string> EndOfAsync(int stream)
    {
        var body = new StringBuilder();
        while (await ReadAsync() is { } frame)
        {
            if (frame.Type == Settings && (frame.Flags & 1) == 0)
            {
                await TrySendAsync(Settings, 1, 0, []);
            }

            if (frame.Type == GoAway && frame.Payload[4..8].Any(b => b != 0))
            {
                return "closed";
            }

            if (frame.Stream != stream)
            {
                continue;
            }

            if (frame.Type == Reset)
            {
                return "reset";
            }

            body.Append(frame.Type == Data ? Encoding.Latin1.GetString(frame.Payload) : "");
            if ((frame.Flags & EndStream) != 0 && frame.Type is Data or Headers)
            {
                return body.ToString();
            }
        }

        return "closed";
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
