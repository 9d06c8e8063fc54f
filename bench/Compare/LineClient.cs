using System.Globalization;
using System.Net.Sockets;
using System.Text;

namespace Compare;

/// <summary>The least HTTP/1.1 client: one connection, one answer with Content-Length at a time.</summary>
internal sealed class LineClient : IDisposable
{
    private readonly Socket _socket = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
    private readonly byte[] _buffer = new byte[16 * 1024];

    public static async Task<LineClient> ConnectAsync(int port)
    {
        var client = new LineClient();
        await client._socket.ConnectAsync("127.0.0.1", port);
        return client;
    }

    /// <summary>The status of the answer, or 0 when the connection ended before it did.</summary>
    public async Task<int> GetAsync(string path, int port)
    {
        try
        {
            return await AskAsync(path, port);
        }
        catch (SocketException)
        {
            return 0;
        }
    }

    public void Dispose() => _socket.Dispose();

    private async Task<int> AskAsync(string path, int port)
    {
        await _socket.SendAsync(Encoding.ASCII.GetBytes($"GET {path} HTTP/1.1\r\nHost: 127.0.0.1:{port.ToString(CultureInfo.InvariantCulture)}\r\n\r\n"));
        int have = 0, end;
        do
        {
            var read = await _socket.ReceiveAsync(_buffer.AsMemory(have));
            if (read == 0)
            {
                return 0;
            }

            have += read;
            end = _buffer.AsSpan(0, have).IndexOf("\r\n\r\n"u8);
        }
        while (end < 0 && have < _buffer.Length);
        var head = Encoding.ASCII.GetString(_buffer, 0, Math.Max(end, 0));
        var length = head.Split("\r\n").FirstOrDefault(line => line.StartsWith("Content-Length:", StringComparison.OrdinalIgnoreCase));
        var left = (length is null ? 0 : int.Parse(length.AsSpan(15).Trim(), CultureInfo.InvariantCulture)) - (have - end - 4);
        while (left > 0)
        {
            var read = await _socket.ReceiveAsync(_buffer.AsMemory(0, Math.Min(left, _buffer.Length)));
            if (read == 0)
            {
                return 0;
            }

            left -= read;
        }

        return head.Length > 12 ? int.Parse(head.AsSpan(9, 3), CultureInfo.InvariantCulture) : 0;
    }
}
