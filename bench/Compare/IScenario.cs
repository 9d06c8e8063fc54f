namespace Compare;

/// <summary>One question to all peers, or to the gateway alone.</summary>
internal interface IScenario
{
    string Name { get; }

    /// <summary>One sentence for the table.</summary>
    string Text { get; }

    /// <summary>Cannot be made short: left out of a quick run.</summary>
    bool IsLong { get; }

    Task<IReadOnlyList<Row>> RunAsync(Bench bench);
}
