using System.Buffers;

namespace CacheGateway.Interim;

/// <summary>
/// Reads along, from the first byte of an answer to its final head, and tells the listener of each 102 and 103. It changes nothing and decides
/// nothing about framing, so a disagreement with the real parser can only lose a hint: it is stricter than that parser (CRLF only, no folding),
/// and stops for good at the first byte that is anything else than a plain interim head. One for each request and connection.
/// </summary>
internal sealed class InterimWatch(IInterimListener listener)
{
    private const int MaxHead = 16 * 1024;
    private const int MaxHeads = 16;
    private const int StatusLine = 12;

    private ArrayBufferWriter<byte>? _begun;
    private int _heads;

    public IInterimListener Listener => listener;

    /// <summary>Looks at the next bytes; false when the watch is over.</summary>
    public bool Read(ReadOnlySpan<byte> bytes)
    {
        if (!listener.IsOpen)
        {
            return false;
        }

        var scanned = 0;
        if (_begun is not null)
        {
            // The end mark may lie across the seam.
            scanned = Math.Max(0, _begun.WrittenCount - 3);
            _begun.Write(bytes);
            bytes = _begun.WrittenSpan;
        }

        while (IsInterim(bytes) && _heads < MaxHeads)
        {
            var end = bytes[scanned..].IndexOf("\r\n\r\n"u8);
            var length = end < 0 ? bytes.Length : scanned + end + 4;
            if (length > MaxHead)
            {
                return false;
            }

            if (end < 0)
            {
                Keep(bytes);
                return true;
            }

            var head = bytes[..length];
            if (!IsPlain(head))
            {
                return false;
            }

            _heads++;
            Tell(head);
            bytes = bytes[length..];
            scanned = 0;
        }

        return false;
    }

    /// <summary>Whether this begins, as far as it goes, like <c>HTTP/1.1 1xx</c> other than 101, after which nothing is HTTP any more.</summary>
    private static bool IsInterim(ReadOnlySpan<byte> bytes)
    {
        var start = "HTTP/1.1 1"u8;
        var common = Math.Min(start.Length, bytes.Length);
        return bytes[..common].SequenceEqual(start[..common])
            && (bytes.Length <= 10 || char.IsAsciiDigit((char)bytes[10]))
            && (bytes.Length <= 11 || (char.IsAsciiDigit((char)bytes[11]) && !bytes[9..12].SequenceEqual("101"u8)))
            && (bytes.Length <= StatusLine || bytes[StatusLine] is (byte)' ' or (byte)'\r');
    }

    /// <summary>Every parser sees the same lines: no CR or LF that is not part of a CRLF, no folded line, no NUL.</summary>
    private static bool IsPlain(ReadOnlySpan<byte> head)
    {
        for (var i = 0; i < head.Length; i++)
        {
            if (head[i] == '\r')
            {
                i++;
                if (i == head.Length || head[i] != '\n' || (i + 1 < head.Length && head[i + 1] is (byte)' ' or (byte)'\t'))
                {
                    return false;
                }
            }
            else if (head[i] is (byte)'\n' or 0)
            {
                return false;
            }
        }

        return true;
    }

    private void Keep(ReadOnlySpan<byte> bytes)
    {
        if (_begun is null || _begun.WrittenCount != bytes.Length)
        {
            var begun = new ArrayBufferWriter<byte>(Math.Max(256, bytes.Length));
            begun.Write(bytes);
            _begun = begun;
        }
    }

    private void Tell(ReadOnlySpan<byte> head)
    {
        var status = ((head[10] - '0') * 10) + head[11] - '0' + 100;
        if (status is 102 or 103)
        {
            var fields = head[(head.IndexOf("\r\n"u8) + 2)..^2];
            if (InterimMessage.Encode(status, fields) is { } message)
            {
                listener.Offer(message);
            }
        }
    }
}
