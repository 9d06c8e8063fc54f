namespace BackendApi.Data;

/// <summary>
/// The rows of one table, in PostgreSQL or in the built-in data. Every read sees one committed state, and a listing's version is of that
/// same state. A write is committed when its task ends.
/// </summary>
internal interface IRows<T>
    where T : Row
{
    Task<Listing<T>> ListAsync(RowQuery query, CancellationToken cancellation);

    Task<T?> FindAsync(int id, CancellationToken cancellation);

    Task<WriteOutcome<T>> AddAsync(T row, CancellationToken cancellation);

    /// <summary>Reads, changes and writes with no other write in between.</summary>
    Task<WriteOutcome<T>> ChangeAsync(int id, Func<T, T> change, CancellationToken cancellation);

    Task<WriteOutcome<T>> RemoveAsync(int id, CancellationToken cancellation);
}
