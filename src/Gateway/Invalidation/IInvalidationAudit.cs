namespace CacheGateway.Invalidation;

/// <summary>
/// Who raised what, when and why: written with each raise, never changed. Two of them: in this process (<see cref="AuditMemory"/>), and with the
/// fence in Redis, for all nodes.
/// </summary>
internal interface IInvalidationAudit
{
    /// <summary>The newest entries first, or null when Redis cannot say now.</summary>
    /// <param name="most">How many, 1 or more.</param>
    /// <param name="before">The place of an entry: only what is older; null = from the newest.</param>
    Task<IReadOnlyList<AuditEntry>?> ReadAsync(int most, string? before = null);
}
