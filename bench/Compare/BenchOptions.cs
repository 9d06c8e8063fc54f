namespace Compare;

/// <summary>What the run was told.</summary>
internal sealed record BenchOptions
{
    /// <summary>The repository.</summary>
    public required string Root { get; init; }

    /// <summary>Names, or prefixes of names, of scenarios; empty = all.</summary>
    public string[] Scenarios { get; init; } = [];

    /// <summary>Peers to leave in; empty = all. The gateway is always in.</summary>
    public string[] Peers { get; init; } = [];

    public int Rounds { get; init; } = 5;

    /// <summary>Of each round of each peer.</summary>
    public int Seconds { get; init; } = 5;

    public int WarmUpSeconds { get; init; } = 4;

    /// <summary>Leaves the scenarios out that cannot be made short.</summary>
    public bool Quick { get; init; }

    /// <summary>Arguments of <c>run</c> that the measured gateway gets besides.</summary>
    public string[] GatewayArguments { get; init; } = [];

    /// <summary>Where the table is kept; null = bench/results/ with date and time.</summary>
    public string? Output { get; init; }
}
