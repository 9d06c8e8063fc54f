using Npgsql;

namespace BackendApi.Data.Postgres;

internal sealed class PostgresRows<T>(Table<T> table, PostgresSession session) : IRows<T>
    where T : Row
{
    public async Task<Listing<T>> ListAsync(RowQuery query, CancellationToken cancellation)
    {
        var (sql, parameters) = RowSql.List(table, query);
        var found = await session.QueryAsync(queries => queries.ListWithHeadAsync<ListHead, T>(sql, parameters), cancellation);
        var head = found[0].Head;
        return new Listing<T>(head.ResourceVersion, head.Total, query.Page, query.PerPage, [.. found.Select(hit => hit.Row).OfType<T>()]);
    }

    public Task<T?> FindAsync(int id, CancellationToken cancellation) =>
        session.QueryAsync(queries => queries.FirstOrDefaultAsync<T>(RowSql.Find(table), new { id }), cancellation);

    public Task<WriteOutcome<T>> AddAsync(T row, CancellationToken cancellation) => WriteAsync(async (queries, version) =>
    {
        var id = await queries.SingleAsync<int>(RowSql.Insert(table), row with { Version = version });
        return await queries.SingleAsync<T>(RowSql.Find(table), new { id });
    }, cancellation);

    public Task<WriteOutcome<T>> ChangeAsync(int id, Func<T, T> change, CancellationToken cancellation) => WriteAsync(async (queries, version) =>
    {
        var row = await queries.FirstOrDefaultAsync<T>(RowSql.Find(table), new { id }) ?? throw new RowNotFoundException();
        await queries.SingleAsync<int>(RowSql.Update(table), change(row) with { Id = id, Version = version });
        return await queries.SingleAsync<T>(RowSql.Find(table), new { id });
    }, cancellation);

    public Task<WriteOutcome<T>> RemoveAsync(int id, CancellationToken cancellation) => WriteAsync(async (queries, version) =>
    {
        var row = await queries.FirstOrDefaultAsync<T>(RowSql.Delete(table), new { id }) ?? throw new RowNotFoundException();
        return row with { Version = version };
    }, cancellation, WriteFailure.InUse);

    private async Task<WriteOutcome<T>> WriteAsync(
        Func<PostgresQueries, long, Task<T>> write,
        CancellationToken cancellation,
        WriteFailure foreignKey = WriteFailure.UnknownReference)
    {
        try
        {
            var row = await session.WriteAsync(async queries =>
            {
                var version = await queries.SingleAsync<long>(RowSql.NextVersion, new { system = table.System, resource = table.Name });
                return await write(queries, version);
            }, cancellation);
            return WriteOutcome<T>.Done(row);
        }
        catch (RowNotFoundException)
        {
            return WriteOutcome<T>.Failed(WriteFailure.NotFound);
        }
        catch (PostgresException error) when (error.SqlState == PostgresErrorCodes.ForeignKeyViolation)
        {
            return WriteOutcome<T>.Failed(foreignKey);
        }
        catch (PostgresException error) when (error.SqlState == PostgresErrorCodes.UniqueViolation)
        {
            return WriteOutcome<T>.Failed(WriteFailure.Taken);
        }
    }

    private sealed record ListHead
    {
        public long ResourceVersion { get; init; }

        public int Total { get; init; }
    }

    /// <summary>Leaves the transaction, so that the version it took is rolled back.</summary>
    private sealed class RowNotFoundException : Exception;
}
