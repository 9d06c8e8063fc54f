using System.Buffers;
using System.IO.Pipelines;

namespace CacheGateway.Framing;

/// <summary>
/// What the server reads of one HTTP/1.1 connection, with the bytes judged before it sees them. It is shown one message at a time: a head up to its
/// end, then a body up to its end, so that nothing behind a request is read before it is known what that is. In place of a faulty line and all behind it the
/// server is shown one that it refuses itself, wherever it stands: so the 400 comes after the answers before it, and the connection closes as after
/// every bad request. Nothing is copied, but for lines that lie in two segments. Belongs to the connection; the server calls it from one place at a time.
/// </summary>
internal sealed class GuardedReader(PipeReader inner, Action<FramingFault> refused) : PipeReader
{
    /// <summary>Neither a request line, nor a field, nor a chunk's size, nor the end of its data.</summary>
    internal static readonly ReadOnlySequence<byte> Nonsense = new("zz\r\n\r\n"u8.ToArray());

    private Mode _mode;
    private RequestHead _head;
    private ChunkedBody _chunks;
    private long _bodyLeft;

    /// <summary>Bytes of the unconsumed part of the message that were judged.</summary>
    private long _judged;

    private ReadOnlySequence<byte> _buffer;
    private long _shown;
    private bool _isWaitingForMore;

    /// <summary>The server was shown a body up to its end, and took nothing.</summary>
    private bool _isPassedOver;
    private JudgedRead? _wait;

    private enum Mode
    {
        Head,
        Body,
        Chunks,
        Opaque,
        Refused,
        Ended,
    }

    /// <summary>
    /// Whether what the server took last is a whole head, and nothing behind it: so it is where a request begins, and only there.
    /// </summary>
    public bool IsAtRequest { get; private set; }

    /// <summary>What is shown is the body, or what is left of it, up to its end.</summary>
    private bool IsWholeBody => _mode switch
    {
        Mode.Body => _shown == _bodyLeft,
        Mode.Chunks => _chunks.IsComplete,
        _ => false,
    };

    /// <summary>The server began a request that does not stand where one can: its connection is ended as after every fault.</summary>
    public void RefuseRequest() => Refuse(FramingFault.Disagreement);

    /// <summary>From here on the connection speaks something else (101): nothing is judged any more.</summary>
    public void Release() => _mode = Mode.Opaque;

    public override ValueTask<ReadResult> ReadAsync(CancellationToken cancellationToken = default)
    {
        if (_mode >= Mode.Refused)
        {
            return new(Refusal());
        }

        var read = inner.ReadAsync(cancellationToken);
        if (_mode == Mode.Opaque)
        {
            return read;
        }

        if (read.IsCompletedSuccessfully)
        {
            return new(Judge(read.Result));
        }

        return (_wait ??= new JudgedRead(Judge)).Of(read);
    }

    public override bool TryRead(out ReadResult result)
    {
        if (_mode >= Mode.Refused)
        {
            result = Refusal();
            return true;
        }

        if (!inner.TryRead(out result))
        {
            return false;
        }

        result = Judge(result);
        return true;
    }

    public override void AdvanceTo(SequencePosition consumed) => AdvanceTo(consumed, consumed);

    public override void AdvanceTo(SequencePosition consumed, SequencePosition examined)
    {
        if (_mode == Mode.Opaque && _buffer.IsEmpty)
        {
            inner.AdvanceTo(consumed, examined);
            return;
        }

        if (_mode == Mode.Ended)
        {
            return;
        }

        var start = _buffer.GetOffset(_buffer.Start);
        var taken = _buffer.GetOffset(consumed) - start;
        var seen = _buffer.GetOffset(examined) - start;
        inner.AdvanceTo(consumed, _isWaitingForMore && seen == _shown ? _buffer.End : examined);
        _buffer = default;
        if (_mode == Mode.Head && _head.IsComplete && taken < _judged && seen >= _judged)
        {
            // The server waits for more of a head that is whole: whatever it is, it is not what the guard took it for.
            Refuse(FramingFault.Disagreement);
        }

        var passesOver = IsWholeBody && taken == 0 && seen >= _shown;
        if (passesOver && _isPassedOver)
        {
            // It takes the rest of a body for a head, of which there is more to come: so it does when the client left before the body was read. It would
            // be shown the same for ever.
            Refuse(FramingFault.Disagreement);
        }

        _isPassedOver = passesOver;
        Consume(taken);
    }

    public override void CancelPendingRead() => inner.CancelPendingRead();

    public override void Complete(Exception? exception = null) => inner.Complete(exception);

    public override ValueTask CompleteAsync(Exception? exception = null) => inner.CompleteAsync(exception);

    /// <summary>What the server is shown once it has taken what stood before the fault.</summary>
    private ReadResult Refusal()
    {
        var isFirst = _mode == Mode.Refused;
        _mode = Mode.Ended;
        return new ReadResult(isFirst ? Nonsense : default, isCanceled: false, isCompleted: !isFirst);
    }

    private ReadResult Judge(ReadResult read)
    {
        if (_mode == Mode.Opaque)
        {
            return read;
        }

        _buffer = read.Buffer;
        _isWaitingForMore = false;
        var fault = _mode switch
        {
            Mode.Head => JudgeHead(_buffer),
            Mode.Chunks => JudgeChunks(_buffer),
            _ => FramingFault.None,
        };
        var shown = _mode switch
        {
            Mode.Head => _head.IsComplete || fault != FramingFault.None ? _judged : _buffer.Length,
            Mode.Chunks => _judged,
            _ => Math.Min(_bodyLeft, _buffer.Length),
        };
        if (fault != FramingFault.None)
        {
            Refuse(fault);
            if (shown == 0)
            {
                inner.AdvanceTo(_buffer.End);
                return Refusal();
            }
        }

        _shown = shown;
        return shown == _buffer.Length ? read : new ReadResult(_buffer.Slice(0, shown), read.IsCanceled, read.IsCompleted && _isWaitingForMore);
    }

    private FramingFault JudgeHead(in ReadOnlySequence<byte> buffer)
    {
        if (buffer.IsSingleSegment)
        {
            return JudgeLines(buffer.FirstSpan[(int)_judged..], out _);
        }

        var rest = buffer.Slice(_judged);
        while (!rest.IsEmpty && !_head.IsComplete)
        {
            var fault = JudgeLines(rest.FirstSpan, out var taken);
            if (fault == FramingFault.None && taken == 0 && !rest.IsSingleSegment)
            {
                fault = JudgeJoined(rest, ref taken);
            }

            if (fault != FramingFault.None || taken == 0)
            {
                return fault;
            }

            rest = rest.Slice(taken);
        }

        return FramingFault.None;
    }

    private FramingFault JudgeLines(ReadOnlySpan<byte> bytes, out int taken)
    {
        taken = 0;
        while (!_head.IsComplete)
        {
            var fault = Octets.FindLine(bytes[taken..], out var line, out var length);
            if (fault != FramingFault.None || length == 0)
            {
                return fault;
            }

            fault = _head.Add(line);
            if (fault != FramingFault.None)
            {
                return fault;
            }

            taken += length;
            _judged += length;
        }

        return FramingFault.None;
    }

    /// <summary>The first line, which lies in more than one segment.</summary>
    private FramingFault JudgeJoined(in ReadOnlySequence<byte> rest, ref int taken)
    {
        var joined = JoinedLine.Rent(rest, out var length);
        try
        {
            var fault = Octets.FindLine(joined.AsSpan(0, length), out var line, out taken);
            if (fault == FramingFault.None && taken > 0)
            {
                fault = _head.Add(line);
                _judged += fault == FramingFault.None ? taken : 0;
            }

            return fault;
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(joined);
        }
    }

    private FramingFault JudgeChunks(in ReadOnlySequence<byte> buffer)
    {
        var rest = buffer.Slice(_judged);
        while (!rest.IsEmpty && !_chunks.IsComplete)
        {
            var fault = _chunks.Add(rest.FirstSpan, out var taken);
            if (fault == FramingFault.None && taken == 0 && !rest.IsSingleSegment)
            {
                // A trailer line that lies in more than one segment.
                var joined = JoinedLine.Rent(rest, out var length);
                fault = _chunks.Add(joined.AsSpan(0, length), out taken);
                ArrayPool<byte>.Shared.Return(joined);
            }

            _judged += taken;
            if (fault != FramingFault.None || taken == 0)
            {
                _isWaitingForMore = true;
                return fault;
            }

            rest = rest.Slice(taken);
        }

        return FramingFault.None;
    }

    private void Consume(long taken)
    {
        if (taken > 0)
        {
            IsAtRequest = _mode == Mode.Head && _head.IsComplete && taken >= _judged;
        }

        switch (_mode)
        {
            case Mode.Head when _head.IsComplete && taken >= _judged:
                BeginBody();
                break;
            case Mode.Body when taken >= _bodyLeft:
            case Mode.Chunks when _chunks.IsComplete && taken >= _judged:
                BeginHead();
                break;
            case Mode.Body:
                _bodyLeft -= taken;
                break;
            default:
                _judged = Math.Max(0, _judged - taken);
                break;
        }
    }

    private void BeginBody()
    {
        _judged = 0;
        _chunks = default;
        _bodyLeft = _head.ContentLength ?? 0;
        if (_head.IsChunked)
        {
            _mode = Mode.Chunks;
        }
        else if (_bodyLeft > 0)
        {
            _mode = Mode.Body;
        }
        else
        {
            BeginHead();
        }
    }

    private void BeginHead()
    {
        _mode = Mode.Head;
        _head = default;
        _judged = 0;
    }

    private void Refuse(FramingFault fault)
    {
        _mode = Mode.Refused;
        refused(fault);
    }
}
