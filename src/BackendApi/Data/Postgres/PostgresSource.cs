using BackendApi.Hosting;
using Dapper;
using Npgsql;

namespace BackendApi.Data.Postgres;

/// <summary>
/// PostgreSQL's numbers for this database since they were last reset there. Each connection reports its own about once a second,
/// so they lag behind <c>queries</c>, and they count every transaction, this one and start-up included.
/// </summary>
internal sealed class PostgresSource(NpgsqlDataSource source) : IDataSource
{
    public string Name => "postgresql";

    public async Task<IReadOnlyDictionary<string, object>?> StatisticsAsync(CancellationToken cancellation)
    {
        await using var connection = await source.OpenConnectionAsync(cancellation);
        var row = await connection.QuerySingleAsync(new CommandDefinition("""
            SELECT xact_commit, xact_rollback, tup_returned, tup_fetched, tup_inserted, tup_updated, tup_deleted, blks_hit, blks_read,
                   1000 AS may_lag_ms
            FROM pg_stat_database WHERE datname = current_database()
            """, cancellationToken: cancellation));
        return new Dictionary<string, object>((IDictionary<string, object>)row);
    }
}
