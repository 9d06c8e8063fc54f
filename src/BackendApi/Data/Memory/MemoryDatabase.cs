using System.Collections.Immutable;
using BackendApi.Costs;

namespace BackendApi.Data.Memory;

/// <summary>The built-in data: lives as long as the process. Readers take <see cref="Current"/>, writers replace it whole, one at a time.</summary>
internal sealed class MemoryDatabase(IEnumerable<ITable> tables)
{
    private readonly ITable[] _tables = [.. tables];
    private readonly Lock _writing = new();
    private volatile Snapshot _current = Seed([.. tables]);

    public Snapshot Current => _current;

    public bool IsInUse(Snapshot snapshot, string table, int id) => _tables.Any(other => other.AnyRefersTo(snapshot, table, id));

    /// <summary>Commits what <paramref name="write"/> makes of the rows under the next version of the system, unless it makes none.</summary>
    public WriteOutcome<T> Write<T>(Table<T> table, Func<Snapshot, long, (MemoryTable<T>? Rows, WriteOutcome<T> Outcome)> write)
        where T : Row
    {
        lock (_writing)
        {
            var before = _current;
            var version = before.Commits[table.System] + 1;
            var (rows, outcome) = write(before, version);
            if (rows is not null)
            {
                _current = new Snapshot(
                    before.Tables.SetItem(table.Name, rows),
                    before.Versions.SetItem(table.Name, version),
                    before.Commits.SetItem(table.System, version));
            }

            return outcome;
        }
    }

    private static Snapshot Seed(ITable[] tables) => new(
        tables.ToImmutableDictionary(table => table.Name, table => table.SeedMemory()),
        tables.ToImmutableDictionary(table => table.Name, _ => 1L),
        tables.Select(table => table.System).Distinct().ToImmutableDictionary(system => system, _ => 1L));
}

/// <summary>The built-in data as one request sees it: each look-up counts as a query.</summary>
internal sealed class MemorySession(MemoryDatabase database, QueryMeter meter)
{
    public Task<T> ReadAsync<T>(Func<Snapshot, T> read)
    {
        meter.CountQuery();
        using (meter.Time())
        {
            return Task.FromResult(read(database.Current));
        }
    }

    public Task<WriteOutcome<T>> WriteAsync<T>(Func<MemoryDatabase, WriteOutcome<T>> write)
        where T : Row
    {
        meter.CountQuery();
        using (meter.Time())
        {
            return Task.FromResult(write(database));
        }
    }
}
