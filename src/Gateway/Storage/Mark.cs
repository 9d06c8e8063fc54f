namespace CacheGateway.Storage;

/// <summary>
/// The highest epochs at which one name was raised. Made and changed under the lock of its <see cref="TagEpochs"/>, read without; only
/// ever rises.
/// A soft mark stands beside the hard one, so neither hides the other.
/// </summary>
internal sealed class Mark(MarkName name = default, int hash = 0)
{
    private long _hard = long.MinValue;
    private long _soft = long.MinValue;

    /// <summary>As its <see cref="MarkProbe"/> has it.</summary>
    public int Hash => hash;

    /// <summary>Characters of its name.</summary>
    public int Length => (name.Authority?.Length ?? 0) + (name.Text?.Length ?? 0);

    public long Hard => Volatile.Read(ref _hard);

    public long Soft => Volatile.Read(ref _soft);

    /// <summary>Whether the mark was raised since it was last put into the queue of the oldest.</summary>
    public bool RaisedAgain { get; set; }

    /// <summary>False when nothing changed.</summary>
    public bool Raise(long epoch, bool soft)
    {
        ref var mark = ref soft ? ref _soft : ref _hard;
        if (epoch <= mark)
        {
            return false;
        }

        Volatile.Write(ref mark, epoch);
        RaisedAgain = true;
        return true;
    }

    public bool IsNamed(MarkProbe probe) =>
        probe.Hash == hash && name.Text is not null && probe.Kind == name.Kind && probe.Text.SequenceEqual(name.Text) && probe.Authority.SequenceEqual(name.Authority);
}
