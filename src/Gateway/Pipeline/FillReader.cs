namespace CacheGateway.Pipeline;

/// <summary>One client's place in a fill's body. Made by <see cref="FillBody.Attach"/>, used by one request, disposed at its end.</summary>
internal sealed class FillReader(FillBody body) : IDisposable
{
    /// <summary>The <see cref="Place"/> of one that was detached.</summary>
    public const int Left = -1;

    private Action? _onCut;

    /// <summary>Where it stands among the readers of the body; theirs.</summary>
    public int Place { get; set; } = Left;

    /// <summary>Bytes handed out.</summary>
    public long Position { get; set; }

    /// <summary>Bytes handed out and written to the client.</summary>
    public long Passed { get; set; }

    /// <summary>Set when this reader held up the others for too long; it is cut off, alone.</summary>
    public bool IsCut { get; private set; }

    /// <summary>For how long, in sum, the others had nothing to read because of this one.</summary>
    public TimeSpan HeldUp { get; set; }

    /// <summary>Bytes that it wrote to its client while the writer waited for it.</summary>
    public long PassedMeanwhile { get; set; }

    public ReadOnlyMemory<byte> Next() => body.Next(this);

    public void Written() => body.Passed(this);

    public Task GrownAsync() => body.GrownAsync(this);

    /// <summary>What ends the client's connection when this reader is cut while its write hangs.</summary>
    public void OnCut(Action abort) => _onCut = abort;

    public void Cut()
    {
        IsCut = true;
        body.Detach(this);
        Interlocked.Exchange(ref _onCut, null)?.Invoke();
    }

    public void Dispose()
    {
        // Its connection may be another request's soon.
        Volatile.Write(ref _onCut, null);
        body.Detach(this);
    }
}
