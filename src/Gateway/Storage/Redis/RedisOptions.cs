using System.Globalization;
using System.Reflection;
using StackExchange.Redis;

namespace CacheGateway.Storage.Redis;

/// <summary>From <see cref="RedisSettings"/> to the client library's own options: never throw at start, reconnect soon, ask for no rights beyond need.</summary>
internal static class RedisOptions
{
    public const int ReconnectMs = 500;

    private const int ConnectTimeoutMs = 1000;

    /// <summary>Seconds between the library's own pings; a connection that is silent four times as long is dropped and made anew.</summary>
    private const int KeepAliveSeconds = 2;

    /// <summary>
    /// What this gateway never sends, whatever a library wants to ask: they search, empty or reconfigure somebody's server. And PING, which a server whose snapshot
    /// failed refuses like a write: the library takes a connection whose ping is refused for broken. It asks for the TIME instead.
    /// </summary>
    private static readonly HashSet<string> Forbidden = new(StringComparer.OrdinalIgnoreCase)
    {
        "KEYS", "SCAN", "FLUSHDB", "FLUSHALL", "CONFIG", "SHUTDOWN", "SLAVEOF", "DEBUG", "MONITOR", "PING",
    };

    /// <summary>Whether the client library in use can name an ACL user (StackExchange.Redis 2.1 and later).</summary>
    public static PropertyInfo? UserProperty => typeof(ConfigurationOptions).GetProperty("User");

    /// <summary>For one server of those alone, whatever it is part of: what names no key goes there and nowhere else.</summary>
    public static ConfigurationOptions Of(RedisSettings settings, System.Net.EndPoint server)
    {
        var options = Of(settings);
        options.EndPoints.Clear();
        options.EndPoints.Add(server);
        options.CommandMap = CommandMap.Create([.. Forbidden, "CLUSTER"], available: false);
        return options;
    }

    /// <summary>
    /// Selects a database on a new connection, before anything else is sent on it: the library selects it too, does not look at the answer, and goes on in database 0
    /// where that was a refusal.
    /// </summary>
    /// <exception cref="RedisServerException">The server refuses it.</exception>
    /// <exception cref="RedisConnectionException">The connection is lost, or (with a <see cref="RedisCommandException"/> in it) it is a Cluster, which has database 0 alone.</exception>
    public static Task SelectAsync(ConnectionMultiplexer multiplexer, int database) =>
        multiplexer.GetDatabase(database).ExecuteAsync("SELECT", database.ToString(CultureInfo.InvariantCulture));

    public static ConfigurationOptions Of(RedisSettings settings)
    {
        var options = new ConfigurationOptions
        {
            AbortOnConnectFail = false,
            ConnectTimeout = ConnectTimeoutMs,
            ConnectRetry = 1,
            ReconnectRetryPolicy = new LinearRetry(ReconnectMs),
            KeepAlive = KeepAliveSeconds,
            Password = settings.Password,
            Ssl = settings.Ssl,
            // The library's own election and broadcast keys: they would need rights on names that are not ours.
            TieBreaker = "",
            ConfigurationChannel = "",
            AllowAdmin = false,
            ClientName = "cachegateway",
            CommandMap = CommandMap.Create(Forbidden, available: false),
        };
        foreach (var endPoint in settings.EndPoints)
        {
            options.EndPoints.Add(endPoint);
        }

        if (settings.User is { } user)
        {
            (UserProperty ?? throw new NotSupportedException(
                $"StackExchange.Redis {typeof(ConfigurationOptions).Assembly.GetName().Version} cannot name an ACL user; give the user \"default\" those rights, or build with a newer version"))
                .SetValue(options, user);
        }

        return options;
    }
}
