using System.Text;
using Dapper;

namespace BackendApi.Data.Postgres;

/// <summary>The statements for one table. Names come from <see cref="Table{T}"/>, values are parameters.</summary>
internal static class RowSql
{
    /// <summary>
    /// One statement, so that version, count and page are of one committed state; the join is a left one, so that an empty page has a version too.
    /// </summary>
    public static (string Sql, DynamicParameters Parameters) List<T>(Table<T> table, RowQuery query)
        where T : Row
    {
        var parameters = new DynamicParameters();
        parameters.Add("sources", table.Sources);
        parameters.Add("limit", query.PerPage);
        parameters.Add("offset", query.Offset);
        var where = Where<T>(query.Conditions, parameters);
        var order = OrderBy<T>(query.Orders);
        var sql = $"""
            SELECT head.resource_version, head.total, page.*
            FROM (SELECT (SELECT max(version) FROM versions WHERE resource = ANY(@sources)) AS resource_version,
                         (SELECT count(*)::int FROM {table.ReadFrom}{where}) AS total) head
            LEFT JOIN (SELECT * FROM {table.ReadFrom}{where} ORDER BY {order} LIMIT @limit OFFSET @offset) page ON true
            ORDER BY {order}
            """;
        return (sql, parameters);
    }

    public static string Find<T>(Table<T> table)
        where T : Row => $"SELECT * FROM {table.ReadFrom} WHERE id = @id";

    public static string Insert<T>(Table<T> table)
        where T : Row
    {
        var columns = string.Join(", ", Table<T>.Stored.Select(column => column.Name));
        var values = string.Join(", ", Table<T>.Stored.Select(column => "@" + column.Property));
        return $"INSERT INTO {table.Name} ({columns}) VALUES ({values}) RETURNING id";
    }

    public static string Update<T>(Table<T> table)
        where T : Row
    {
        var columns = string.Join(", ", Table<T>.Stored.Select(column => $"{column.Name} = @{column.Property}"));
        return $"UPDATE {table.Name} SET {columns} WHERE id = @Id RETURNING id";
    }

    public static string Delete<T>(Table<T> table)
        where T : Row => $"DELETE FROM {table.Name} WHERE id = @id RETURNING *";

    /// <summary>
    /// Takes the next commit number of the system. The row stays locked until the commit, so numbers become visible in their order,
    /// and whoever holds it is the only writer of the system.
    /// </summary>
    public const string NextVersion = """
        WITH next AS (UPDATE commits SET number = number + 1 WHERE system = @system RETURNING number)
        UPDATE versions SET version = next.number FROM next WHERE resource = @resource RETURNING version
        """;

    private static string Where<T>(IReadOnlyList<Condition> conditions, DynamicParameters parameters)
        where T : Row
    {
        var sql = new StringBuilder();
        for (var i = 0; i < conditions.Count; i++)
        {
            var column = Table<T>.Column(conditions[i].Column).Name;
            var contains = conditions[i].Match is Match.Contains;
            parameters.Add($"p{i}", contains ? $"%{Escaped((string)conditions[i].Value)}%" : conditions[i].Value);
            sql.Append(i == 0 ? " WHERE " : " AND ").Append(column).Append(contains ? " ILIKE " : " = ").Append($"@p{i}");
        }

        return sql.ToString();
    }

    private static string OrderBy<T>(IReadOnlyList<Order> orders)
        where T : Row => string.Join(", ", orders.Select(OrderTerm<T>).Append("id"));

    // Text by its bytes: the same order on every server, whatever its locale.
    private static string OrderTerm<T>(Order order)
        where T : Row
    {
        var column = Table<T>.Column(order.Column);
        return column.Name + (column.Type == typeof(string) ? " COLLATE \"C\"" : "") + (order.Descending ? " DESC" : "");
    }

    private static string Escaped(string text) => text.Replace(@"\", @"\\").Replace("%", @"\%").Replace("_", @"\_");
}
