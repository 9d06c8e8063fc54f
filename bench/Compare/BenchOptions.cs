namespace Compare;

/// <summary>What the run was told.</summary>
internal sealed record BenchOptions
{
    private static readonly string[] Variables = ["DOTNET_GCgen0size", "DOTNET_SYSTEM_NET_SOCKETS_INLINE_COMPLETIONS"];

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

    /// <summary>The command that asks for the same again, as the head of a table has it.</summary>
    /// <param name="environment">The variables of the run, by name; those that reach the measured servers stand before the command.</param>
    public string Command(Func<string, string?> environment) => string.Join(' ',
    [
        .. Variables.Where(name => environment(name) is not null).Select(name => $"{name}={environment(name)}"),
        "bench/compare",
        .. Quick ? (string[])["--quick"] : [],
        .. Given("--scenarios", Scenarios),
        .. Given("--peers", Peers),
        .. Quick ? [] : (string[])[FormattableString.Invariant($"--rounds {Rounds} --seconds {Seconds} --warm-up {WarmUpSeconds}")],
        .. Given("--gateway", GatewayArguments),
    ]);

    private static IEnumerable<string> Given(string name, string[] values) => values.Length > 0 ? values.Prepend(name) : [];
}
