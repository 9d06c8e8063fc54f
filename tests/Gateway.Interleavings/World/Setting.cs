using CacheGateway.Invalidation.Redis;

namespace CacheGateway.Interleavings;

/// <summary>What is fixed for one schedule, drawn from its first choices: how many nodes, how tight the bounds, what goes wrong how often.</summary>
internal sealed record Setting
{
    public required int Nodes { get; init; }

    /// <summary>Marks a node keeps by name before it folds.</summary>
    public required int NodeMarks { get; init; }

    /// <summary>Weights of what the schedule does, by <see cref="Deed"/>.</summary>
    public required int[] Weights { get; init; }

    public required BusLimits Limits { get; init; }

    /// <summary>Which resources exist.</summary>
    public required string[] Targets { get; init; }

    /// <summary>Calls made while cut off wait for the connection instead of failing at once.</summary>
    public required bool QueuesWhileCut { get; init; }

    /// <summary>Small and short, so that what happens rarely happens often.</summary>
    public static TimeSpan MaxBlind { get; } = TimeSpan.FromMilliseconds(1500);

    public static Setting Draw(Choices choices)
    {
        var weights = new int[Enum.GetValues<Deed>().Length];
        for (var i = 0; i < weights.Length; i++)
        {
            var (least, most) = Likely((Deed)i);
            // A schedule in which only some things go wrong comes further with each of them.
            weights[i] = least + (most > 0 && choices.Next(3) > 0 ? choices.Next(most + 1) : 0);
        }

        return new Setting
        {
            Nodes = 3 - choices.Next(2),
            NodeMarks = choices.Next(3) == 2 ? 1 : 200_000,
            Weights = weights,
            Targets = [.. Origin.Targets.Take(1 + choices.Next(Origin.Targets.Length))],
            QueuesWhileCut = choices.Next(2) == 1,
            Limits = new BusLimits
            {
                // What is proven is the strict form: without it the first empty Redis is believed to be a first start.
                EmptyIsLoss = true,
                SyncWhileWaiting = TimeSpan.FromMilliseconds(100),
                LiveMargin = TimeSpan.FromMilliseconds(200),
                MaxMarks = choices.Next(3) == 2 ? 2 : 200_000,
                MaxEntries = choices.Next(3) == 2 ? 2 : 1000,
                MaxJournal = choices.Next(3) == 2 ? 3 : 20_000,
            },
        };
    }

    private static (int Least, int Most) Likely(Deed deed) => deed switch
    {
        Deed.Happen => (40, 60),
        Deed.Tick => (4, 8),
        Deed.Calm => (2, 4),
        Deed.Get => (10, 12),
        Deed.Invalidate => (3, 8),
        Deed.Post => (0, 3),
        Deed.EvictMemory => (0, 6),
        Deed.EvictShared => (0, 2),
        Deed.Cut or Deed.Heal => (0, 5),
        Deed.Pause or Deed.Resume => (0, 4),
        Deed.Leap => (0, 3),
        Deed.Lose or Deed.Double => (0, 4),
        Deed.Save => (0, 2),
        _ => (0, 2),
    };
}
