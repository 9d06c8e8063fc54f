namespace CacheGateway.Invalidation.Redis;

/// <summary>Times and bounds of the bus. Of these <see cref="EmptyIsLoss"/> is a setting.</summary>
internal sealed record BusLimits
{
    /// <summary>Between two syncs when nothing happens.</summary>
    public TimeSpan SyncEvery { get; init; } = TimeSpan.FromMilliseconds(500);

    /// <summary>Between two syncs while somebody waits for other nodes, at first.</summary>
    public TimeSpan SyncWhileWaiting { get; init; } = TimeSpan.FromMilliseconds(2);

    /// <summary>The same at most: each time that one is waited for in vain it is twice as long, because who is missing then is mostly away.</summary>
    public TimeSpan MostWhileWaiting { get; init; } = TimeSpan.FromMilliseconds(50);

    /// <summary>Longest wait for one answer of Redis.</summary>
    public TimeSpan CallTimeout { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>Invalidations under way to Redis at once; others wait.</summary>
    public int MaxRaises { get; init; } = 128;

    /// <summary>Longest that one waits for its turn: as long as an answer may wait for all gateways.</summary>
    public TimeSpan RaiseWait { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>How much longer than blindness lasts a node counts as live: for the way to Redis and clocks that do not run alike.</summary>
    public TimeSpan LiveMargin { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>
    /// What a Redis without any trace of this deployment is to a gateway that is new itself: false = a first start; true = it may have lost everything, and
    /// gateways that nobody remembers may still serve: whoever waits for all waits until these must have stopped by themselves.
    /// </summary>
    public bool EmptyIsLoss { get; init; }

    /// <summary>Age at which the stream is trimmed. A node that was away for longer starts empty.</summary>
    public TimeSpan Retention { get; init; } = TimeSpan.FromMinutes(10);

    /// <summary>Marks kept in Redis; beyond, the oldest become the floor.</summary>
    public int MaxMarks { get; init; } = 200_000;

    /// <summary>Entries read at once.</summary>
    public int MaxEntries { get; init; } = 1000;

    /// <summary>Marks read in one call by a node that starts: a millisecond or so of Redis' time.</summary>
    public int MaxMarksRead { get; init; } = 2000;

    /// <summary>How long ids of webhooks and events are remembered.</summary>
    public TimeSpan Remember { get; init; } = TimeSpan.FromDays(1);

    /// <summary>How many of them; beyond, the oldest are forgotten, which costs a second invalidation where they come again.</summary>
    public int MaxRemembered { get; init; } = 100_000;

    /// <summary>Names of invalidations kept while Redis is away; beyond, one that names everything takes their place.</summary>
    public int MaxJournal { get; init; } = 20_000;

    /// <summary>Invalidations of the journal raised between two syncs.</summary>
    public int MaxReplay { get; init; } = 20;

    /// <summary>Longest wait for a replica to have a raise.</summary>
    public TimeSpan ReplicaWait { get; init; } = TimeSpan.FromMilliseconds(100);

    /// <summary>How long replicas that did not answer are not asked again.</summary>
    public TimeSpan ReplicaPause { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>Longest that a start waits for Redis.</summary>
    public TimeSpan StartWait { get; init; } = TimeSpan.FromSeconds(2);
}
