namespace CacheGateway.Interleavings;

/// <summary>Something that may happen next: a message arrives, a continuation runs, a client comes.</summary>
/// <param name="What">For the trace.</param>
/// <param name="Owner">Nothing of a node happens while it is paused or after it died; null = outside of all nodes.</param>
/// <param name="Lane">What shares a lane happens in its order, as messages on a connection do; null = any time.</param>
/// <param name="Run">Does it.</param>
internal sealed record Happening(string What, GatewayNode? Owner, object? Lane, Action Run)
{
    /// <summary>What a schedule may also do to a message: lose it, or let it come twice.</summary>
    public bool MayBeLost { get; init; }
}
