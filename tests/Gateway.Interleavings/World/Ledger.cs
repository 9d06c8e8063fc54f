using CacheGateway.Invalidation;

namespace CacheGateway.Interleavings;

/// <summary>
/// What was promised to whom, and every answer held against it. Stamps are places in the one order in which everything happens.
/// </summary>
internal sealed class Ledger
{
    private readonly List<Notice> _notices = [];

    public IReadOnlyList<Notice> Notices => _notices;

    public Notice Open(long stamp, IReadOnlyDictionary<string, int> versions, GatewayNode node, bool isSoft, string what)
    {
        var notice = new Notice(_notices.Count + 1, stamp, versions, node, isSoft, what);
        _notices.Add(notice);
        return notice;
    }

    /// <summary>What the answer breaks, or null.</summary>
    /// <param name="answer">The answer.</param>
    /// <param name="forError">Whether it stands in for an error of the origin: then it may be softly invalidated.</param>
    public string? Judge(Answer answer, bool forError)
    {
        foreach (var notice in _notices)
        {
            if (!(forError && notice.IsSoft) && notice.Versions.TryGetValue(answer.Target, out var version) && notice.HeldSince(answer.Node) < answer.Arrived
                && (answer.Sent < notice.Started || answer.Version < version))
            {
                return $"{answer.Node.Name} answers a request for {answer.Target} that came at {answer.Arrived} with version {answer.Version}, asked for at {answer.Sent}; "
                    + $"invalidation {notice.Number} ({notice.What}, of version {version}) began at {notice.Started} and held there since {notice.HeldSince(answer.Node)}";
            }
        }

        return null;
    }
}

/// <summary>One client's answer.</summary>
internal sealed record Answer(GatewayNode Node, string Target, string Tongue, long Arrived, long Sent, int Version);

/// <summary>An invalidation as its caller knows it.</summary>
/// <param name="Number">For people.</param>
/// <param name="Started">When the caller asked for it.</param>
/// <param name="Versions">What it names, and the version of each that was there then.</param>
/// <param name="Node">Whom the caller asked.</param>
/// <param name="IsSoft">Whether it only asks for validation.</param>
/// <param name="What">For people.</param>
internal sealed record Notice(int Number, long Started, IReadOnlyDictionary<string, int> Versions, GatewayNode Node, bool IsSoft, string What)
{
    private readonly Dictionary<string, long> _on = [];
    private long _everywhere = long.MaxValue;

    public InvalidationReceipt? Receipt { get; private set; }

    /// <summary>Since when no request that comes to <paramref name="node"/> may see anything older.</summary>
    public long HeldSince(GatewayNode node) => Math.Min(_everywhere, _on.TryGetValue(node.Process, out var at) ? at : long.MaxValue);

    /// <summary>The caller was answered.</summary>
    public void Answered(InvalidationReceipt receipt, InvalidationWait wait, long stamp, IEnumerable<GatewayNode> nodes)
    {
        Receipt = receipt;
        _on[Node.Process] = stamp;
        if (wait == InvalidationWait.All)
        {
            foreach (var node in nodes.Where(node => receipt.Applied.Any(applied => applied.Node == node.Name)))
            {
                _on.TryAdd(node.Process, stamp);
            }

            if (receipt.IsComplete)
            {
                _everywhere = stamp;
            }
        }
    }

    /// <summary>Every node had the time to learn of it.</summary>
    public void Settle(long stamp) => _everywhere = Math.Min(_everywhere, stamp);
}
