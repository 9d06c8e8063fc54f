namespace CacheGateway.FunctionalTests.Infrastructure;

/// <summary>
/// The faults of one way through a <see cref="FaultProxy"/>, for all its connections; each may be changed while bytes flow and counts what
/// it did. Standing faults are properties, what happens once is a method.
/// </summary>
internal sealed class FaultLine
{
    private readonly Lock _lock = new();
    private TaskCompletionSource? _held;
    private byte[]? _injected;
    private (int Offset, byte Mask)? _corruption;
    private int _duplicates;
    private int _swallows;

    /// <summary>How late each piece comes, one after the other: pieces queue behind a late one.</summary>
    public TimeSpan Delay { get; set; }

    /// <summary>Random share of <see cref="Delay"/> that is added or taken away, 0 to 1.</summary>
    public double Jitter { get; set; }

    /// <summary>Most bytes a second and connection; 0 = no limit.</summary>
    public int BytesPerSecond { get; set; }

    /// <summary>Largest piece that is written at once; 0 = as it came.</summary>
    public int Slice { get; set; }

    /// <summary>Bytes are read and go nowhere: this way is dead, the other one lives.</summary>
    public bool Drop { get; set; }

    /// <summary>After so many bytes of a connection, RST on both sides.</summary>
    public long? ResetAfter { get; set; }

    /// <summary>After so many bytes of a connection, FIN.</summary>
    public long? CloseAfter { get; set; }

    /// <summary>Bytes are whole RESP replies: <see cref="SwallowReply"/> needs to know where one ends.</summary>
    public bool IsResp { get; init; }

    /// <summary>Seed of the jitter.</summary>
    public Random Random { get; set; } = new(1);

    /// <summary>Bytes that went through.</summary>
    public long Forwarded { get; private set; }

    /// <summary>Bytes that were dropped, or swallowed with a reply.</summary>
    public long Dropped { get; private set; }

    /// <summary>Pieces that came late.</summary>
    public int Delayed { get; private set; }

    /// <summary>Pieces that had to wait for <see cref="Release"/>.</summary>
    public int Held { get; private set; }

    /// <summary>Pieces cut into smaller ones.</summary>
    public int Sliced { get; private set; }

    public int Injected { get; private set; }

    public int Corrupted { get; private set; }

    public int Duplicated { get; private set; }

    public int Swallowed { get; private set; }

    /// <summary>Connections ended by <see cref="ResetAfter"/> or <see cref="CloseAfter"/>.</summary>
    public int Ended { get; private set; }

    /// <summary>Ends when bytes may go on.</summary>
    internal Task Released
    {
        get
        {
            lock (_lock)
            {
                return _held?.Task ?? Task.CompletedTask;
            }
        }
    }

    /// <summary>A black hole: from now on nothing goes through, and nothing is closed. What comes meanwhile is kept for <see cref="Release"/>.</summary>
    public void Hold()
    {
        lock (_lock)
        {
            _held ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        }
    }

    public void Release()
    {
        lock (_lock)
        {
            _held?.TrySetResult();
            _held = null;
        }
    }

    /// <summary>Puts bytes (Latin-1) before the next piece.</summary>
    public void Inject(string bytes)
    {
        lock (_lock)
        {
            _injected = System.Text.Encoding.Latin1.GetBytes(bytes);
        }
    }

    /// <summary>Flips bits of one byte of the next piece that is long enough.</summary>
    public void Corrupt(int offset, byte mask)
    {
        lock (_lock)
        {
            _corruption = (offset, mask);
        }
    }

    /// <summary>Sends the next pieces twice.</summary>
    public void Duplicate(int pieces = 1)
    {
        lock (_lock)
        {
            _duplicates += pieces;
        }
    }

    /// <summary>The next RESP reply does not arrive: each later one on the connection seems to answer the question before its own.</summary>
    public void SwallowReply()
    {
        if (!IsResp)
        {
            throw new InvalidOperationException("Only a line of RESP replies knows where one ends.");
        }

        lock (_lock)
        {
            _swallows++;
        }
    }

    internal FaultPassage Begin() => new(this, IsResp ? new RespScanner() : null);

    internal byte[]? TakeInjection()
    {
        lock (_lock)
        {
            var bytes = _injected;
            _injected = null;
            Injected += bytes is null ? 0 : 1;
            return bytes;
        }
    }

    internal void CorruptNow(Span<byte> piece)
    {
        lock (_lock)
        {
            if (_corruption is var (offset, mask) && offset < piece.Length)
            {
                piece[offset] ^= mask;
                _corruption = null;
                Corrupted++;
            }
        }
    }

    internal bool TakeDuplicate()
    {
        lock (_lock)
        {
            if (_duplicates == 0)
            {
                return false;
            }

            _duplicates--;
            Duplicated++;
            return true;
        }
    }

    internal bool TakeSwallow()
    {
        lock (_lock)
        {
            if (_swallows == 0)
            {
                return false;
            }

            _swallows--;
            Swallowed++;
            return true;
        }
    }

    internal TimeSpan NextDelay()
    {
        lock (_lock)
        {
            Delayed += Delay > TimeSpan.Zero ? 1 : 0;
            return Delay * (1 + (Jitter * ((Random.NextDouble() * 2) - 1)));
        }
    }

    internal void Count(long forwarded = 0, long dropped = 0, int held = 0, int sliced = 0, int ended = 0)
    {
        lock (_lock)
        {
            Forwarded += forwarded;
            Dropped += dropped;
            Held += held;
            Sliced += sliced;
            Ended += ended;
        }
    }
}
