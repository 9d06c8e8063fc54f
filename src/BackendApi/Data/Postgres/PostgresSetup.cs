using System.Text.Json;
using Dapper;
using Npgsql;

namespace BackendApi.Data.Postgres;

/// <summary>Creates the schema and the seed data where they are missing. Several backends may start on one database at once.</summary>
internal sealed class PostgresSetup(NpgsqlDataSource source, IEnumerable<ITable> tables)
{
    private const int LockNumber = 715_001;
    private static readonly JsonSerializerOptions SnakeCase = new() { PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower };

    public async Task RunAsync(CancellationToken cancellation)
    {
        await using var connection = await source.OpenConnectionAsync(cancellation);
        await using var transaction = await connection.BeginTransactionAsync(cancellation);
        await connection.ExecuteAsync("SELECT pg_advisory_xact_lock(@LockNumber)", new { LockNumber }, transaction);
        await connection.ExecuteAsync(Schema(), transaction: transaction);
        foreach (var table in tables)
        {
            if (await connection.ExecuteScalarAsync<bool>("SELECT NOT EXISTS (SELECT FROM versions WHERE resource = @Name)", new { table.Name }))
            {
                await SeedAsync(connection, table);
            }
        }

        await transaction.CommitAsync(cancellation);
    }

    private static async Task SeedAsync(NpgsqlConnection connection, ITable table)
    {
        // One statement per table: the rows travel as one JSON parameter, and columns are matched by name.
        var rows = table.SeedRows().Select((row, index) => row with { Id = index + 1, Version = 1 }).ToArray<object>();
        var json = JsonSerializer.Serialize(rows, SnakeCase);
        await connection.ExecuteAsync($"""
            INSERT INTO {table.Name} SELECT * FROM jsonb_populate_recordset(NULL::{table.Name}, @json::jsonb);
            SELECT setval(pg_get_serial_sequence('{table.Name}', 'id'), @next, false);
            ANALYZE {table.Name};
            INSERT INTO commits (system, number) VALUES (@System, 1) ON CONFLICT DO NOTHING;
            INSERT INTO versions (resource, version) VALUES (@Name, 1);
            """, new { json, next = rows.Length + 1, table.System, table.Name });
    }

    private static string Schema()
    {
        using var stream = typeof(PostgresSetup).Assembly.GetManifestResourceStream("schema.sql")!;
        using var reader = new StreamReader(stream);
        return reader.ReadToEnd();
    }
}
