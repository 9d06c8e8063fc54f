namespace CacheGateway.Http;

/// <summary>First and last byte position, inclusive, counted from the start of the complete representation (also when only a part is stored).</summary>
public readonly record struct ByteRange(long First, long Last)
{
    public long Length => Last - First + 1;
}
