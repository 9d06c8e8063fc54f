namespace CacheGateway.Warming;

/// <summary>Where the popular keys outlive the process: a file, or Redis. Neither may ever stop a gateway: what cannot be read or written is said and done without.</summary>
internal interface IPopularityStore
{
    /// <summary>What was written last; null where there is nothing.</summary>
    /// <exception cref="IOException">Nobody knows: it cannot be read now.</exception>
    /// <exception cref="UnauthorizedAccessException">The same, for want of rights.</exception>
    Task<byte[]?> ReadAsync();

    Task WriteAsync(byte[] bytes);
}
