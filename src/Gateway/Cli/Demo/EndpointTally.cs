namespace CacheGateway.Cli.Demo;

/// <summary>What the readers of one endpoint saw. Written by all of them, read when they are done.</summary>
internal sealed class EndpointTally
{
    private readonly Lock _lock = new();
    private readonly List<double> _hitMs = [];

    public int Reads { get; private set; }

    public int Hits { get; private set; }

    /// <summary>Neither hits nor requests to the backend: they shared a fetch that was under way.</summary>
    public int Collapsed { get; private set; }

    /// <summary>How long the hits took, in milliseconds, of those that were timed.</summary>
    public IReadOnlyCollection<double> HitMs => _hitMs;

    public void Add(CacheOutcome outcome, double milliseconds, bool isTimed)
    {
        lock (_lock)
        {
            Reads++;
            Collapsed += outcome == CacheOutcome.Collapsed ? 1 : 0;
            if (outcome != CacheOutcome.Hit)
            {
                return;
            }

            Hits++;
            if (isTimed)
            {
                _hitMs.Add(milliseconds);
            }
        }
    }
}
