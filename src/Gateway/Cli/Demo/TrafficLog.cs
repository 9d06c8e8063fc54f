namespace CacheGateway.Cli.Demo;

/// <summary>Everything that is counted while the traffic runs.</summary>
internal sealed class TrafficLog(IEnumerable<string> endpoints)
{
    private const int KeptExamples = 3;

    private readonly Dictionary<string, EndpointTally> _byEndpoint =
        endpoints.ToDictionary(name => name, _ => new EndpointTally(), StringComparer.Ordinal);

    private readonly List<string> _wrong = [];
    private int _reads;
    private int _hits;
    private int _writes;
    private int _stale;
    private int _foreign;
    private int _failed;

    public int Reads => Volatile.Read(ref _reads);

    public int Hits => Volatile.Read(ref _hits);

    public int Writes => Volatile.Read(ref _writes);

    public int Stale => Volatile.Read(ref _stale);

    public int Foreign => Volatile.Read(ref _foreign);

    public int Failed => Volatile.Read(ref _failed);

    /// <summary>The first answers that were wrong, in words.</summary>
    public IReadOnlyList<string> Wrong => _wrong;

    public EndpointTally Of(string endpoint) => _byEndpoint[endpoint];

    public void Read(DemoEndpoint endpoint, CacheOutcome outcome, double milliseconds, bool isTimed)
    {
        Interlocked.Increment(ref _reads);
        if (outcome == CacheOutcome.Hit)
        {
            Interlocked.Increment(ref _hits);
        }

        Of(endpoint.Name).Add(outcome, milliseconds, isTimed);
    }

    public void Written() => Interlocked.Increment(ref _writes);

    public void Judged(AnswerVerdict verdict, string request, string detail)
    {
        if (verdict == AnswerVerdict.Right)
        {
            return;
        }

        Interlocked.Increment(ref verdict == AnswerVerdict.Stale ? ref _stale : ref verdict == AnswerVerdict.Foreign ? ref _foreign : ref _failed);
        lock (_wrong)
        {
            if (_wrong.Count < KeptExamples)
            {
                _wrong.Add($"{verdict}: {request}: {detail}");
            }
        }
    }
}
