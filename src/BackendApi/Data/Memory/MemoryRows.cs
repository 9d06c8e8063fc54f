namespace BackendApi.Data.Memory;

internal sealed class MemoryRows<T>(Table<T> table, MemorySession session) : IRows<T>
    where T : Row
{
    public Task<Listing<T>> ListAsync(RowQuery query, CancellationToken cancellation) => session.ReadAsync(snapshot =>
    {
        var matches = snapshot.Rows<T>(table.Name).Values.Where(row => query.Conditions.All(condition => Holds(condition, row))).ToList();
        var page = Ordered(matches, query.Orders).Skip(query.Offset).Take(query.PerPage).Select(row => table.Shape(snapshot, row));
        return new Listing<T>(snapshot.VersionOf(table.Sources), matches.Count, query.Page, query.PerPage, [.. page]);
    });

    public Task<T?> FindAsync(int id, CancellationToken cancellation) => session.ReadAsync(snapshot =>
        snapshot.Rows<T>(table.Name).TryGetValue(id, out var row) ? table.Shape(snapshot, row) : null);

    public Task<WriteOutcome<T>> AddAsync(T row, CancellationToken cancellation) => session.WriteAsync(database =>
        database.Write(table, (snapshot, version) =>
        {
            var id = snapshot.Table<T>(table.Name).LastId + 1;
            return Put(snapshot, row with { Id = id, Version = version });
        }));

    public Task<WriteOutcome<T>> ChangeAsync(int id, Func<T, T> change, CancellationToken cancellation) => session.WriteAsync(database =>
        database.Write(table, (snapshot, version) => snapshot.Rows<T>(table.Name).TryGetValue(id, out var row)
            ? Put(snapshot, change(row) with { Id = id, Version = version })
            : (null, WriteOutcome<T>.Failed(WriteFailure.NotFound))));

    public Task<WriteOutcome<T>> RemoveAsync(int id, CancellationToken cancellation) => session.WriteAsync(database =>
        database.Write(table, (snapshot, version) =>
        {
            var before = snapshot.Table<T>(table.Name);
            if (!before.Rows.TryGetValue(id, out var row))
            {
                return (null, WriteOutcome<T>.Failed(WriteFailure.NotFound));
            }

            return database.IsInUse(snapshot, table.Name, id)
                ? (null, WriteOutcome<T>.Failed(WriteFailure.InUse))
                : (before with { Rows = before.Rows.Remove(id) }, WriteOutcome<T>.Done(row with { Version = version }));
        }));

    private (MemoryTable<T>? Rows, WriteOutcome<T> Outcome) Put(Snapshot snapshot, T row)
    {
        var before = snapshot.Table<T>(table.Name);
        if (table.References.Any(reference => !snapshot.Tables[reference.Table].Has(reference.Key(row))))
        {
            return (null, WriteOutcome<T>.Failed(WriteFailure.UnknownReference));
        }

        if (table.Unique is { } unique && before.Rows.Values.Any(other => other.Id != row.Id && unique(other).Equals(unique(row))))
        {
            return (null, WriteOutcome<T>.Failed(WriteFailure.Taken));
        }

        var after = new MemoryTable<T>(before.Rows.SetItem(row.Id, row), Math.Max(before.LastId, row.Id));
        return (after, WriteOutcome<T>.Done(table.Shape(snapshot, row)));
    }

    private static bool Holds(Condition condition, T row)
    {
        var value = Table<T>.Column(condition.Column).Get(row);
        return condition.Match is Match.Contains
            ? value is string text && text.Contains((string)condition.Value, StringComparison.OrdinalIgnoreCase)
            : condition.Value.Equals(value);
    }

    private static IEnumerable<T> Ordered(List<T> rows, IReadOnlyList<Order> orders)
    {
        // The rows come in the order of their ids, and a stable sort keeps that among equals.
        IOrderedEnumerable<T> ordered = rows.OrderBy(_ => 0);
        foreach (var order in orders)
        {
            var column = Table<T>.Column(order.Column);
            ordered = order.Descending ? ordered.ThenByDescending(column.Get, ByValue.Instance) : ordered.ThenBy(column.Get, ByValue.Instance);
        }

        return ordered;
    }

    /// <summary>Text by its code points, as PostgreSQL's collation "C" does.</summary>
    private sealed class ByValue : IComparer<object?>
    {
        public static readonly ByValue Instance = new();

        public int Compare(object? x, object? y) =>
            x is string left && y is string right ? string.CompareOrdinal(left, right) : Comparer<object?>.Default.Compare(x, y);
    }
}
