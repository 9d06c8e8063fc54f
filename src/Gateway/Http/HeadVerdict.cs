using CacheGateway.Model;

namespace CacheGateway.Http;

/// <summary>Outcome of a HEAD, and the merged fields where it freshens (else the stored ones).</summary>
public readonly record struct HeadVerdict(HeadOutcome Outcome, HeaderField[] Merged);
