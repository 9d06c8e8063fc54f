using System.Globalization;
using CacheGateway.Storage.Redis;

namespace CacheGateway.Hosting;

/// <summary>
/// Where Redis is: <c>--redis</c>, or REDIS_URL, or REDIS_HOST with its companions; the first that is given names the servers. What a URL
/// leaves open (password, database, TLS) the single variables may say. No message repeats a URL: it may hold the password.
/// </summary>
internal static class RedisSettingsReader
{
    private const string Form = "write it like redis://[user:password@]host[:port][/database], or rediss:// for TLS";

    /// <summary>What means something beside a server alone.</summary>
    private static readonly string[] Companions = ["RedisPort", "RedisPassword", "RedisDb", "RedisSsl", "RedisUser"];

    /// <param name="get">Configuration key and environment variable to value; null = not given.</param>
    /// <param name="nameOf">The same to what it is called where it stands; null = by its variable.</param>
    /// <exception cref="SettingsException">Values that cannot work, all of them.</exception>
    public static RedisSettings? Read(Func<string, string?, string?> get, Func<string, string?, string>? nameOf = null)
    {
        string Name(string key) => nameOf?.Invoke(key, SettingKeys.VariableOf(key)) ?? SettingKeys.NameOf(key);
        var errors = new SettingsErrors();
        var list = SettingText.List(get("Redis", null), ',') is { Length: > 0 } given ? errors.Try(() => SettingText.Each(given, text => EndPoint(Name("Redis"), text)), given) : null;
        var url = list is null && get("RedisUrl", "REDIS_URL") is { } text ? Url(Name("RedisUrl"), text) : null;
        var host = get("RedisHost", "REDIS_HOST");
        if (list is null && url is null && host is null)
        {
            return null;
        }

        var (user, password) = Credentials(url);
        var keys = SettingText.List(get("RedisSigningKey", "REDIS_SIGNING_KEY"), ',');
        if (keys is { Length: 0 })
        {
            errors.Add($"{Name("RedisSigningKey")}: there is no key in it");
        }

        // What is wrong is told, and stands for nothing until all are read.
        var settings = new RedisSettings
        {
            EndPoints = list ?? (url is not null
                ? [$"{url.Host}:{(url.Port > 0 ? url.Port : RedisSettings.DefaultPort)}"]
                : [errors.Try(() => EndPoint(
                    Name("RedisHost"), get("RedisPort", "REDIS_PORT") is { } port && !IsOfAService(port) ? string.Create(CultureInfo.InvariantCulture, $"{host}:{Number(Name("RedisPort"), port, 65_535, least: 1)}") : host!), "")]),
            User = errors.Try(() => Named(Name("RedisUrl"), user) ?? Named(Name("RedisUser"), get("RedisUser", "REDIS_USER")), null),
            Password = password ?? get("RedisPassword", "REDIS_PASSWORD"),
            Ssl = url?.Scheme == "rediss" || (get("RedisSsl", "REDIS_SSL") is { } ssl && errors.Try(() => SettingText.Flag(Name("RedisSsl"), ssl), false)),
            Database = errors.Try(() => Database(Name("RedisUrl"), url) ?? (get("RedisDb", "REDIS_DB") is { } database ? Number(Name("RedisDb"), database, 65_535) : 0), 0),
            MaxCalls = get("RedisMaxConnections", "REDIS_MAX_CONNECTIONS") is { } most ? errors.Try(() => Number(Name("RedisMaxConnections"), most, 65_535, least: 1), 0) : 256,
            SigningKey = keys?.FirstOrDefault(),
            OtherSigningKeys = [.. keys?.Skip(1) ?? []],
        };
        errors.ThrowIfAny();
        return settings;
    }

    private static string EndPoint(string name, string text)
    {
        var colon = text.LastIndexOf(':');
        // An IPv6 address without brackets has colons of its own and no port.
        var hasPort = colon > 0 && (text.IndexOf(':', StringComparison.Ordinal) == colon || text[colon - 1] == ']');
        var host = hasPort ? text[..colon] : text;
        if (host.Length == 0 || host.AsSpan().ContainsAny(" /@"))
        {
            throw new SettingsException($"{name}: that is not a server; write it like HOST:PORT (a URL goes into REDIS_URL)");
        }

        return $"{host}:{(hasPort ? Number(name, text[(colon + 1)..], 65_535) : RedisSettings.DefaultPort)}";
    }

    /// <summary>Kubernetes puts tcp://ADDRESS:PORT into REDIS_PORT wherever a service is called "redis": that is nobody's setting.</summary>
    private static bool IsOfAService(string value) => value.StartsWith("tcp://", StringComparison.Ordinal);

    /// <summary>What names no server by itself and was given all the same; null when there is nothing to say.</summary>
    /// <param name="get">See <see cref="Read"/>.</param>
    /// <param name="nameOf">See <see cref="Read"/>.</param>
    public static string? Warning(Func<string, string?, string?> get, Func<string, string?, string>? nameOf = null)
    {
        ArgumentNullException.ThrowIfNull(get);
        var alone = Companions
            .FirstOrDefault(key => get(key, SettingKeys.VariableOf(key)) is { } value && !IsOfAService(value));
        return alone is null || Read(get, nameOf) is not null ? null
            : $"{nameOf?.Invoke(alone, SettingKeys.VariableOf(alone)) ?? SettingKeys.NameOf(alone)} names no Redis and has no effect; set REDIS_HOST or REDIS_URL, or take it away";
    }

    private static Uri Url(string name, string text) =>
        Uri.TryCreate(text, UriKind.Absolute, out var url) && url.Scheme is "redis" or "rediss" && url.Host.Length > 0 && url.Query.Length == 0
            ? url
            : throw new SettingsException($"{name}: that is not the URL of a Redis; {Form}");

    private static (string? User, string? Password) Credentials(Uri? url)
    {
        if (url is null || url.UserInfo.Length == 0)
        {
            return (null, null);
        }

        var colon = url.UserInfo.IndexOf(':', StringComparison.Ordinal);
        return colon < 0
            ? (null, Uri.UnescapeDataString(url.UserInfo))
            : (Uri.UnescapeDataString(url.UserInfo[..colon]), Uri.UnescapeDataString(url.UserInfo[(colon + 1)..]));
    }

    /// <summary>"default" is the user that a bare password means.</summary>
    private static string? Named(string name, string? user) => string.IsNullOrEmpty(user) || user == "default" ? null
        : RedisOptions.UserProperty is not null ? user
        : throw new SettingsException($"{name}: this build can only log in as the user \"default\"; give that user the password and rights, or build with a newer StackExchange.Redis");

    private static int? Database(string name, Uri? url) =>
        url?.AbsolutePath.Trim('/') is { Length: > 0 } path ? Number(name, path, 65_535) : null;

    private static int Number(string name, string text, int most, int least = 0) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number >= least && number <= most
            ? number
            : throw new SettingsException(string.Create(CultureInfo.InvariantCulture, $"{name}: its number must be from {least} to {most}"));
}
