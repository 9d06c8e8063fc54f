namespace CacheGateway.Storage.Redis;

/// <summary>What came of reading a stored value.</summary>
internal enum HeadReading
{
    Ok,

    /// <summary>Written by a version that this one does not know: a miss, left alone for those who know it.</summary>
    Unknown,

    /// <summary>Of another key, damaged or forged: a miss, and it is taken out.</summary>
    Corrupt,
}
