using System.Collections.Immutable;

namespace BackendApi.Data.Memory;

internal abstract record MemoryTable
{
    public abstract bool Has(int id);
}

internal sealed record MemoryTable<T>(ImmutableSortedDictionary<int, T> Rows, int LastId) : MemoryTable
    where T : Row
{
    public override bool Has(int id) => Rows.ContainsKey(id);

    /// <summary>Seed rows are numbered from 1 in their order.</summary>
    public static MemoryTable<T> Of(IEnumerable<T> seed)
    {
        var rows = seed.Select((row, index) => KeyValuePair.Create(index + 1, row with { Id = index + 1, Version = 1 })).ToArray();
        return new MemoryTable<T>(rows.ToImmutableSortedDictionary(), rows.Length);
    }
}

/// <summary>The whole built-in data at one moment: a reader takes it once and sees one committed state.</summary>
/// <param name="Tables">By table name.</param>
/// <param name="Versions">By table name: the last commit that changed it.</param>
/// <param name="Commits">By system: how many commits there were.</param>
internal sealed record Snapshot(
    ImmutableDictionary<string, MemoryTable> Tables,
    ImmutableDictionary<string, long> Versions,
    ImmutableDictionary<string, long> Commits)
{
    public MemoryTable<T> Table<T>(string name)
        where T : Row => (MemoryTable<T>)Tables[name];

    public ImmutableSortedDictionary<int, T> Rows<T>(string name)
        where T : Row => Table<T>(name).Rows;

    public long VersionOf(params string[] sources) => sources.Max(source => Versions[source]);
}
