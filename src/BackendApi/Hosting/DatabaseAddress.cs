using Npgsql;

namespace BackendApi.Hosting;

/// <summary>
/// Reads where the database is, as <c>Host=...;Database=...</c> or as <c>postgres://user:password@host:port/database?name=value</c>.
/// </summary>
internal static class DatabaseAddress
{
    private const int DefaultPort = 5432;

    public static string Parse(string text)
    {
        try
        {
            var builder = IsUrl(text) ? FromUrl(new Uri(text)) : new NpgsqlConnectionStringBuilder(text);
            return !string.IsNullOrEmpty(builder.Host)
                ? builder.ConnectionString
                : throw new BadUsageException("The database's address names no host.");
        }
        catch (Exception error) when (error is ArgumentException or FormatException or KeyNotFoundException)
        {
            // The text is not repeated: it may hold a password.
            throw new BadUsageException(
                "The database's address must be \"Host=...;Database=...;Username=...\" or postgres://user:password@host:port/database.");
        }
    }

    /// <summary>For messages: no user, no password.</summary>
    public static string Describe(string connectionString)
    {
        var builder = new NpgsqlConnectionStringBuilder(connectionString);
        return $"{builder.Host}:{builder.Port}/{builder.Database}";
    }

    private static bool IsUrl(string text) =>
        text.StartsWith("postgres://", StringComparison.Ordinal) || text.StartsWith("postgresql://", StringComparison.Ordinal);

    private static NpgsqlConnectionStringBuilder FromUrl(Uri url)
    {
        var user = url.UserInfo.Split(':', 2);
        var builder = new NpgsqlConnectionStringBuilder
        {
            Host = url.Host,
            Port = url.IsDefaultPort ? DefaultPort : url.Port,
            Database = Uri.UnescapeDataString(url.AbsolutePath.Trim('/')),
            Username = Uri.UnescapeDataString(user[0]),
            Password = user.Length > 1 ? Uri.UnescapeDataString(user[1]) : null,
        };
        foreach (var pair in url.Query.TrimStart('?').Split('&', StringSplitOptions.RemoveEmptyEntries))
        {
            var (name, value) = pair.Split('=', 2) is [var left, var right] ? (left, right) : (pair, "");
            builder[Uri.UnescapeDataString(name)] = Uri.UnescapeDataString(value);
        }

        return builder;
    }
}
