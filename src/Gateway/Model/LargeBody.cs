namespace CacheGateway.Model;

/// <summary>
/// A body of several segments, and who has it: the memory that it takes is free only when the store and every client are done with it. Counted under the lock
/// of the one memory tier that it may lie in.
/// </summary>
internal sealed class LargeBody(byte[][] segments)
{
    public byte[][] Segments { get; } = segments;

    /// <summary>Bytes in all.</summary>
    public long Length { get; } = segments.Sum(segment => (long)segment.Length);

    /// <summary>How often it lies in the memory tier.</summary>
    public int Places { get; set; }

    /// <summary>Clients that are being sent it and wait.</summary>
    public int Readers { get; set; }

    /// <summary>It is held by clients alone.</summary>
    public bool IsLeftOver => Readers > 0 && Places == 0;
}
