using System.Data;
using BackendApi.Costs;
using Dapper;
using Npgsql;

namespace BackendApi.Data.Postgres;

/// <summary>PostgreSQL as one request sees it. Every statement counts as a query; the time is from taking a connection to the commit.</summary>
internal sealed class PostgresSession(NpgsqlDataSource source, QueryMeter meter)
{
    public async Task<T> QueryAsync<T>(Func<PostgresQueries, Task<T>> run, CancellationToken cancellation)
    {
        using var timing = meter.Time();
        await using var connection = await source.OpenConnectionAsync(cancellation);
        return await run(new PostgresQueries(connection, null, meter, cancellation));
    }

    /// <summary>Several statements that see one committed state.</summary>
    public Task<T> SnapshotAsync<T>(Func<PostgresQueries, Task<T>> run, CancellationToken cancellation) =>
        TransactionAsync(IsolationLevel.RepeatableRead, run, cancellation);

    /// <summary>Rolled back if <paramref name="run"/> throws; committed otherwise.</summary>
    public Task<T> WriteAsync<T>(Func<PostgresQueries, Task<T>> run, CancellationToken cancellation) =>
        TransactionAsync(IsolationLevel.ReadCommitted, run, cancellation);

    private async Task<T> TransactionAsync<T>(IsolationLevel isolation, Func<PostgresQueries, Task<T>> run, CancellationToken cancellation)
    {
        using var timing = meter.Time();
        await using var connection = await source.OpenConnectionAsync(cancellation);
        await using var transaction = await connection.BeginTransactionAsync(isolation, cancellation);
        var result = await run(new PostgresQueries(connection, transaction, meter, cancellation));
        await transaction.CommitAsync(cancellation);
        return result;
    }
}

/// <summary>The statements of one connection, counted. Values always travel as parameters.</summary>
internal sealed class PostgresQueries(NpgsqlConnection connection, NpgsqlTransaction? transaction, QueryMeter meter, CancellationToken cancellation)
{
    public async Task<IReadOnlyList<T>> ListAsync<T>(string sql, object? parameters = null) =>
        [.. await connection.QueryAsync<T>(Command(sql, parameters))];

    public Task<T> SingleAsync<T>(string sql, object? parameters = null) => connection.QuerySingleAsync<T>(Command(sql, parameters));

    public Task<T?> FirstOrDefaultAsync<T>(string sql, object? parameters = null) =>
        connection.QueryFirstOrDefaultAsync<T>(Command(sql, parameters));

    /// <summary>Each row is a <typeparamref name="THead"/> and, from the column "id" on, an optional <typeparamref name="TRow"/>.</summary>
    public async Task<IReadOnlyList<(THead Head, TRow? Row)>> ListWithHeadAsync<THead, TRow>(string sql, object? parameters) =>
        [.. await connection.QueryAsync<THead, TRow?, (THead, TRow?)>(Command(sql, parameters), static (head, row) => (head, row), "id")];

    public Task<long> VersionOfAsync(params string[] sources) =>
        SingleAsync<long>("SELECT max(version) FROM versions WHERE resource = ANY(@sources)", new { sources });

    private CommandDefinition Command(string sql, object? parameters)
    {
        meter.CountQuery();
        return new CommandDefinition(sql, parameters, transaction, cancellationToken: cancellation);
    }
}
