using System.Text.Json.Serialization;

namespace BackendApi.Data;

/// <summary>What every stored row has. A row is never edited: a write makes a new one with the number of its commit.</summary>
internal abstract record Row
{
    [JsonPropertyOrder(-1)]
    public int Id { get; init; }

    /// <summary>
    /// Number of the commit that last changed this row, counted per system (clients, leads, shop, billing, booking) from 1, the seed.
    /// All resources of a system share that count, so the version that a write answers with may be compared with the version
    /// of any later read of the same system that the write affects: a lower one is stale.
    /// </summary>
    [JsonPropertyOrder(1)]
    public long Version { get; init; }
}
