using System.Buffers.Text;

namespace CacheGateway.Framing;

/// <summary>
/// Reads a request head line by line as strictly as RFC 9112 is written, and learns how its body is delimited. Pure: a value that is fed lines
/// without their line ends (and without control characters, which whoever splits the lines has seen) and tells the first fault.
/// </summary>
internal struct RequestHead
{
    private bool _started;
    private bool _skippedEmptyLine;
    private bool _isOldVersion;
    private bool _isChunked;
    private bool _hasHost;

    /// <summary>Whether the empty line that ends the head was read.</summary>
    public bool IsComplete { get; private set; }

    /// <summary>Bytes of the body; null where none were announced.</summary>
    public long? ContentLength { get; private set; }

    public readonly bool IsChunked => _isChunked;

    public FramingFault Add(ReadOnlySpan<byte> line)
    {
        if (!_started)
        {
            return AddFirst(line);
        }

        if (line.IsEmpty)
        {
            IsComplete = true;
            return _isChunked && ContentLength is not null ? FramingFault.TwoFramings : FramingFault.None;
        }

        var fault = FieldLine.Judge(line, out var nameLength);
        if (fault != FramingFault.None)
        {
            return fault;
        }

        var name = line[..nameLength];
        return nameLength switch
        {
            4 when FieldLine.Is(name, "host"u8) => AddHost(line[5..]),
            14 when FieldLine.Is(name, "content-length"u8) => AddLength(Octets.TrimOws(line[15..])),
            17 when FieldLine.Is(name, "transfer-encoding"u8) => AddCoding(Octets.TrimOws(line[18..])),
            _ => FramingFault.None,
        };
    }

    private FramingFault AddFirst(ReadOnlySpan<byte> line)
    {
        if (line.IsEmpty)
        {
            // RFC 9112 2.2: one empty line before a request is ignored; old clients send one after a body.
            var isSecond = _skippedEmptyLine;
            _skippedEmptyLine = true;
            return isSecond ? FramingFault.RequestLine : FramingFault.None;
        }

        _started = true;
        var method = line.IndexOfAnyExcept(Octets.Token);
        if (method <= 0 || line[method] != ' ')
        {
            return FramingFault.RequestLine;
        }

        var rest = line[(method + 1)..];
        var target = rest.IndexOfAny((byte)' ', (byte)'\t');
        if (target <= 0 || rest[target] != ' ' || rest[(target + 1)..].IndexOfAny((byte)' ', (byte)'\t') >= 0 || !rest[(target + 1)..].StartsWith("HTTP/"u8))
        {
            return FramingFault.RequestLine;
        }

        // RFC 9112 3.2.4: the asterisk is for OPTIONS alone.
        if (rest[..target].SequenceEqual("*"u8) && !line[..method].SequenceEqual("OPTIONS"u8))
        {
            return FramingFault.RequestLine;
        }

        // Any other version is the server's to refuse, with the status that says so.
        _isOldVersion = rest[(target + 1)..].SequenceEqual("HTTP/1.0"u8);
        return FramingFault.None;
    }

    private FramingFault AddHost(ReadOnlySpan<byte> value)
    {
        if (_hasHost || (Octets.TrimOws(value).IsEmpty && !_isOldVersion))
        {
            return FramingFault.Host;
        }

        _hasHost = true;
        return FramingFault.None;
    }

    /// <summary>Digits alone, and no zero before others: some readers take that for an octal number.</summary>
    private FramingFault AddLength(ReadOnlySpan<byte> value)
    {
        if (ContentLength is not null || value.IsEmpty || value.IndexOfAnyExcept(Octets.Digits) >= 0 || (value.Length > 1 && value[0] == '0')
            || !Utf8Parser.TryParse(value, out long length, out var read) || read != value.Length)
        {
            return FramingFault.ContentLength;
        }

        ContentLength = length;
        return FramingFault.None;
    }

    private FramingFault AddCoding(ReadOnlySpan<byte> value)
    {
        if (_isChunked || _isOldVersion || !FieldLine.Is(value, "chunked"u8))
        {
            return FramingFault.TransferEncoding;
        }

        _isChunked = true;
        return FramingFault.None;
    }
}
