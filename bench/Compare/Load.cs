namespace Compare;

/// <summary>What is asked of every peer of a scenario.</summary>
internal sealed record Load
{
    public required string Path { get; init; }

    public int Connections { get; init; } = 64;

    /// <summary>"Name: value".</summary>
    public string[] Headers { get; init; } = [];

    /// <summary>Arguments of wrk/keys.lua; null = always the same path.</summary>
    public string[]? Keys { get; init; }

    public bool Tls { get; init; }

    public bool Http2 { get; init; }

    /// <summary>Requests a second in all; 0 = as fast as it goes.</summary>
    public int Rate { get; init; }
}
