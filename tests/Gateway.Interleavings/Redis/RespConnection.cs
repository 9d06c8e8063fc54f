using System.Globalization;
using System.Net.Sockets;
using System.Text;

namespace CacheGateway.Interleavings.Redis;

/// <summary>Talks to a server one command after the other, waiting for each answer on this thread: nothing else may go on meanwhile.</summary>
internal sealed class RespConnection : IDisposable
{
    private readonly Socket _socket = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
    private readonly BufferedStream _stream;

    public RespConnection(string path)
    {
        _socket.Connect(new UnixDomainSocketEndPoint(path));
        _stream = new BufferedStream(new NetworkStream(_socket), 64 * 1024);
    }

    /// <summary>Sends one command; its answer is read by the next <see cref="Read"/>.</summary>
    public void Send(params IReadOnlyList<byte[]> words)
    {
        Write($"*{words.Count}\r\n");
        foreach (var word in words)
        {
            Write($"${word.Length}\r\n");
            _stream.Write(word);
            Write("\r\n");
        }
    }

    public Reply Read()
    {
        _stream.Flush();
        var line = Line();
        var rest = line[1..];
        switch (line[0])
        {
            case '+':
                return Reply.Text(rest);
            case '-':
                return new Reply.Error(rest);
            case ':':
                return new Reply.Number(long.Parse(rest, CultureInfo.InvariantCulture));
            case '$' when rest == "-1":
            case '*' when rest == "-1":
                return Reply.Nil;
            case '$':
                var bytes = new byte[int.Parse(rest, CultureInfo.InvariantCulture)];
                _stream.ReadExactly(bytes);
                Line();
                return Reply.Of(bytes);
            case '*':
                var parts = new Reply[int.Parse(rest, CultureInfo.InvariantCulture)];
                for (var i = 0; i < parts.Length; i++)
                {
                    parts[i] = Read();
                }

                return Reply.Of(parts);
            default:
                throw new InvalidDataException($"\"{line}\" is no answer of Redis.");
        }
    }

    public Reply Call(params string[] words)
    {
        Send([.. words.Select(Encoding.UTF8.GetBytes)]);
        return Read();
    }

    public void Dispose()
    {
        _stream.Dispose();
        _socket.Dispose();
    }

    private void Write(string text) => _stream.Write(Encoding.ASCII.GetBytes(text));

    private string Line()
    {
        var line = new StringBuilder();
        int one;
        while ((one = _stream.ReadByte()) is not ('\n' or -1))
        {
            if (one != '\r')
            {
                line.Append((char)one);
            }
        }

        return one == -1 ? throw new EndOfStreamException("Redis went away.") : line.ToString();
    }
}
