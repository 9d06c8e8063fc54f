using System.Globalization;
using System.Net.Security;
using System.Net.Sockets;
using System.Text;

namespace CacheGateway.FunctionalTests.Infrastructure;

/// <summary>An HTTP/1.1 client on a raw socket: sends the bytes it is told to send, reads one response at a time.</summary>
internal sealed class RawClient : IAsyncDisposable
{
    private readonly Socket _socket;
    private readonly string _authority;

    private RawClient(Socket socket, Stream stream, string authority)
    {
        _socket = socket;
        _authority = authority;
        Stream = stream;
        Reader = new WireReader(stream);
    }

    public Stream Stream { get; }

    public WireReader Reader { get; }

    public static async Task<RawClient> ConnectAsync(Uri address, SslClientAuthenticationOptions? tls = null)
    {
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        await socket.ConnectAsync(address.Host, address.Port);
        Stream stream = new NetworkStream(socket, ownsSocket: true);
        if (tls is not null)
        {
            var secure = new SslStream(stream);
            await secure.AuthenticateAsClientAsync(tls);
            stream = secure;
        }

        return new RawClient(socket, stream, address.Authority);
    }

    /// <summary>Sends exactly these bytes (Latin-1).</summary>
    public async Task SendAsync(string bytes) => await Stream.WriteAsync(Encoding.Latin1.GetBytes(bytes));

    public async Task SendAsync(ReadOnlyMemory<byte> bytes) => await Stream.WriteAsync(bytes);

    /// <summary>A request with a Host line (unless one is given), and Content-Length where there is a body.</summary>
    public Task SendAsync(string method, string target, IEnumerable<string> headerLines, string? body = null)
    {
        string[] lines = [.. headerLines];
        var head = new StringBuilder($"{method} {target} HTTP/1.1\r\n");
        if (lines.Joined("Host") is null)
        {
            head.Append($"Host: {_authority}\r\n");
        }

        foreach (var line in lines)
        {
            head.Append(line).Append("\r\n");
        }

        if (body is not null)
        {
            head.Append(CultureInfo.InvariantCulture, $"Content-Length: {body.Length}\r\n");
        }

        return SendAsync(head.Append("\r\n").Append(body).ToString());
    }

    public async Task<RawResponse> GetAsync(string target, params string[] headerLines)
    {
        await SendAsync("GET", target, headerLines);
        return await ReadAsync();
    }

    /// <summary>The status line and header lines alone; the body is left on the wire. Interim responses are skipped, but for 101.</summary>
    public async Task<(string StatusLine, List<string> HeaderLines)> ReadHeadAsync()
    {
        while (true)
        {
            var statusLine = await Deadline.Within(Reader.ReadLineAsync(), "a response")
                ?? throw new EndOfStreamException("The gateway closed the connection without a response.");
            var headerLines = await Deadline.Within(Reader.ReadFieldLinesAsync(), "the response's header section");
            if (statusLine.Length < 12 || statusLine[9] != '1' || statusLine.AsSpan(9, 3) is "101")
            {
                return (statusLine, headerLines);
            }
        }
    }

    public async Task<RawResponse> ReadAsync(string method = "GET")
    {
        string statusLine;
        List<string> headerLines;
        try
        {
            (statusLine, headerLines) = await ReadHeadAsync();
        }
        catch (IOException)
        {
            return RawResponse.None;
        }

        using var body = new MemoryStream();
        IReadOnlyList<string> trailers = [];
        var complete = true;
        try
        {
            trailers = await Deadline.Within(ReadBodyAsync(method, statusLine, headerLines, body), "the response's body");
        }
        catch (IOException)
        {
            // FIN before the promised end (EndOfStreamException) or RST.
            complete = false;
        }

        return new RawResponse(statusLine, headerLines, body.ToArray(), complete, trailers);
    }

    /// <summary>Ends our side with FIN.</summary>
    public void Finish() => _socket.Shutdown(SocketShutdown.Send);

    /// <summary>Ends the connection with RST.</summary>
    public void Abort()
    {
        _socket.LingerState = new LingerOption(true, 0);
        _socket.Close();
    }

    public ValueTask DisposeAsync() => Stream.DisposeAsync();

    private async Task<IReadOnlyList<string>> ReadBodyAsync(string method, string statusLine, List<string> headerLines, Stream body)
    {
        if (method == "HEAD" || statusLine.AsSpan(9, 3) is "304" or "204" or "101")
        {
            return [];
        }

        if (headerLines.Joined("Transfer-Encoding") is not null)
        {
            return await Reader.CopyChunkedAsync(body);
        }

        if (headerLines.Joined("Content-Length") is { } length)
        {
            await Reader.CopyExactlyAsync(long.Parse(length, CultureInfo.InvariantCulture), body);
            return [];
        }

        await Reader.CopyToEndAsync(body);
        return [];
    }
}
