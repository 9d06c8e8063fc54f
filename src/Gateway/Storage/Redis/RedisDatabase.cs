using StackExchange.Redis;

namespace CacheGateway.Storage.Redis;

/// <summary>
/// Commands in the database that was asked for, or in none. Where that is another than 0, each command and script selects it by itself, on the server, and ends where that is refused:
/// the client library connects again whenever it likes, selects without a look at the answer, and sends what waits, so that what was true of a connection a moment ago is no promise.
/// </summary>
internal static class RedisDatabase
{
    private static readonly RedisScript Command = new("command", "return redis.pcall(unpack(ARGV))");

    /// <summary>Runs one command; all but WAIT and the like, which no script may call.</summary>
    /// <param name="database">Where.</param>
    /// <param name="command">The command's name.</param>
    /// <param name="arguments">Keys as <see cref="RedisKey"/>, so that a Cluster finds the slot; all else as text, bytes or numbers.</param>
    /// <exception cref="RedisServerException">The server refuses the command or the database.</exception>
    public static Task<RedisResult> RunAsync(this IDatabase database, string command, params object[] arguments) =>
        database.Database == 0
            ? database.ExecuteAsync(command, arguments)
            // By its text: what a connection is asked next must not overtake a second attempt.
            : database.ExecuteAsync("EVAL", [Command.In(database.Database).Text, 0, command, .. arguments]);

    /// <summary>Runs a script by its hash; by its text once where the server does not know it (new, restarted, flushed).</summary>
    /// <exception cref="RedisServerException">The server refuses the script or the database.</exception>
    public static async Task<RedisResult> RunAsync(this IDatabase database, RedisScript script, RedisKey[] keys, RedisValue[] values)
    {
        script = script.In(database.Database);
        try
        {
            return await database.ScriptEvaluateAsync(script.Hash, keys, values);
        }
        catch (RedisServerException exception) when (exception.Message.StartsWith("NOSCRIPT", StringComparison.Ordinal))
        {
            object[] arguments = [script.Text, keys.Length, .. keys, .. values];
            return await database.ExecuteAsync("EVAL", arguments);
        }
    }

    /// <summary>The values of some fields of a hash.</summary>
    /// <exception cref="RedisServerException">The server refuses the command or the database.</exception>
    public static Task<RedisValue[]> FieldsAsync(this IDatabase database, RedisKey key, RedisValue[] fields)
    {
        return database.Database == 0 ? database.HashGetAsync(key, fields) : SelectedAsync();

        async Task<RedisValue[]> SelectedAsync() => (RedisValue[])await database.RunAsync("HMGET", [key, .. fields]);
    }
}
