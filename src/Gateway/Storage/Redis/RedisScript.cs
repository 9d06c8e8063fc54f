using System.Collections.Concurrent;
using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace CacheGateway.Storage.Redis;

/// <summary>A Lua script by its text and the hash that names it in the server's script cache.</summary>
internal sealed class RedisScript
{
    private readonly ConcurrentDictionary<int, RedisScript> _inDatabases = new();

    [SuppressMessage("Security", "CA5350", Justification = "EVALSHA names scripts by their SHA-1; it protects nothing.")]
    public RedisScript(string name, string text)
    {
        Name = name;
        Text = text;
        Hash = SHA1.HashData(Encoding.UTF8.GetBytes(text));
    }

    /// <summary>A label of the calls' metric.</summary>
    public string Name { get; }

    public string Text { get; }

    public byte[] Hash { get; }

    /// <summary>The same script for a database: it selects that first, for itself alone, and is refused where that is refused.</summary>
    public RedisScript In(int database) =>
        // 0 is where every connection begins.
        database == 0 ? this : _inDatabases.GetOrAdd(database, static (database, script) => script.Selecting(database), this);

    private RedisScript Selecting(int database)
    {
        // Its flags have the first line for themselves.
        var flags = Text.StartsWith("#!", StringComparison.Ordinal) ? Text.IndexOf('\n', StringComparison.Ordinal) + 1 : 0;
        return new RedisScript(Name, Text.Insert(flags, string.Create(
            CultureInfo.InvariantCulture, $"local selected = redis.pcall('SELECT', '{database}')\nif selected.err then return redis.error_reply('ERR database {database} cannot be selected: ' .. selected.err) end\n")));
    }
}
