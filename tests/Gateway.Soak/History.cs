using System.Collections.Concurrent;

namespace CacheGateway.Soak;

/// <summary>Everything that was seen, counted; and the first examples of what must never be seen.</summary>
internal sealed class History
{
    private const int Examples = 20;

    private readonly ConcurrentDictionary<string, long> _counts = new(StringComparer.Ordinal);
    private readonly ConcurrentQueue<string> _examples = new();

    /// <summary>What must never be: each is a promise.</summary>
    public static readonly string[] Violations =
    [
        "foreign answers", "bytes not as sent", "stale after acknowledged invalidation", "answers stored that must not be", "gateway errors with a healthy origin", "broken answers without a cause", "crashes", "requests lost by SIGTERM",
    ];

    public IReadOnlyCollection<string> WhatWentWrong => _examples;

    public long this[string what] => _counts.GetValueOrDefault(what);

    public bool IsClean => Violations.All(violation => this[violation] == 0);

    public IEnumerable<KeyValuePair<string, long>> All => _counts.OrderBy(count => count.Key, StringComparer.Ordinal);

    public void Count(string what) => _counts.AddOrUpdate(what, 1, static (_, count) => count + 1);

    public void Violate(string violation, string example)
    {
        Count(violation);
        if (_examples.Count < Examples)
        {
            _examples.Enqueue($"[{Clock.Now.TotalSeconds:0.0} s] {violation}: {example}");
        }
    }
}
