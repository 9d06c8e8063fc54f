using System.Globalization;
using CacheGateway.Http;
using CacheGateway.Model;

namespace CacheGateway.Hosting;

/// <summary>
/// From words to <see cref="GatewaySettings"/>; <see cref="SettingSources"/> says which place is the stronger. Every value is checked here, and what is
/// wrong is said in one line with what would be right.
/// </summary>
internal static class SettingsReader
{
    /// <summary>Longest time any setting takes.</summary>
    private static readonly TimeSpan LongestTime = TimeSpan.FromDays(365);

    /// <summary>Longest silence of an origin: what the server's timers can measure.</summary>
    private static readonly TimeSpan LongestSilence = TimeSpan.FromDays(1);

    private static readonly IConfigurationRoot NoFile = new ConfigurationBuilder().Build();

    /// <exception cref="SettingsException">A value cannot work.</exception>
    public static GatewaySettings Read(IReadOnlyDictionary<string, string> commandLine)
    {
        var environment = new ConfigurationBuilder().AddEnvironmentVariables().Build();
        var file = FileOf(new SettingSources(commandLine, environment, NoFile).Get("Config"));
        var sources = new SettingSources(commandLine, environment, file);
        string? Get(string key, string? variable = null) => sources.Get(key, variable);
        if (SettingKeys.Unread(file.GetSection(SettingKeys.Section)) is { Count: > 0 } unread)
        {
            throw new SettingsException([.. unread.Select(error => $"--config: {Get("Config")}: {error}")]);
        }

        var defaults = new GatewaySettings();
        var settings = new GatewaySettings
        {
            Origin = Get("Origin") is { } origin ? OriginUrl(origin) : null,
            OriginHost = Get("OriginHost") is { } host ? Host("--origin-host", host) : null,
            OriginHttp2 = Bool("--origin-http2", Get("OriginHttp2"), false),
            OriginTimeout = Get("OriginTimeout") is { } timeout ? Silence("--origin-timeout", timeout) : defaults.OriginTimeout,
            OriginIdleTimeout = Get("OriginIdleTimeout") is { } idle ? Silence("--origin-idle-timeout", idle) : defaults.OriginIdleTimeout,
            OriginConnectTimeout = Get("OriginConnectTimeout") is { } connect ? Silence("--origin-connect-timeout", connect) : defaults.OriginConnectTimeout,
            OriginRequests = Get("OriginRequests") is { } under ? Count("--origin-requests", under) : defaults.OriginRequests,
            OriginPause = Get("OriginPause") is { } pause ? Silence("--origin-pause", pause) : defaults.OriginPause,
            MaxConnections = Get("MaxConnections") is { } connections ? Count("--max-connections", connections) : null,
            MaxHeaderBytes = Get("MaxHeaders") is { } headers ? (int)Math.Min(Size("--max-headers", headers), 1 << 20) : defaults.MaxHeaderBytes,
            MaxBodyBytes = Get("MaxBody") is { } body ? Size("--max-body", body) : null,
            MaxFills = Get("MaxFills") is { } fills ? Count("--max-fills", fills) : defaults.MaxFills,
            MaxWaiters = Get("MaxWaiters") is { } waiters ? Count("--max-waiters", waiters) : defaults.MaxWaiters,
            Drain = Get("Drain") is { } drain ? IsNone(drain) ? TimeSpan.Zero : Silence("--drain", drain) : defaults.Drain,
            Urls = List(Get("Urls"), ';') is { } urls ? urls.Length > 0 ? urls : throw new SettingsException("--urls: there is no address in it; write it like http://127.0.0.1:8080") : defaults.Urls,
            InterimResponses = Bool("--interim-responses", Get("InterimResponses"), defaults.InterimResponses),
            H2cUrls = List(Get("H2cUrls"), ';') ?? [],
            AdminUrls = List(Get("AdminUrls"), ';') ?? [],
            AdminToken = Get("AdminToken") is { } token ? Token(token) : null,
            Alerts = AlertSettingsReader.Read(name => Get("Alerts:" + name)),
            AdminHosts = Array.ConvertAll(List(Get("AdminHosts"), ',') ?? [], name => Host("--admin-hosts", name)),
            Profile = ProfileOf(Get("Profile")),
            PoliciesFile = Get("Policies") is { } policies ? ExistingFile("--policies", policies) : null,
            ConfigFile = Get("Config") is { } config ? ExistingFile("--config", config) : null,
            // Where the process itself may have little (a container's limit), a quarter of that.
            MemoryBytes = Get("Memory") is { } memory ? Size("--memory", memory) : Math.Min(defaults.MemoryBytes, GC.GetGCMemoryInfo().TotalAvailableMemoryBytes / 4),
            Node = Get("Node") ?? defaults.Node,
            Hosts = Array.ConvertAll(List(Get("Hosts"), ',') ?? [], name => Host("--hosts", name)),
            TargetedFields = List(Get("TargetedFields"), ',') ?? defaults.TargetedFields,
            CacheEnabled = Bool("CACHE_ENABLED", Get("Enabled", "CACHE_ENABLED"), true),
            DefaultTtl = Get("DefaultTtl", "CACHE_DEFAULT_TTL") is { } ttl ? Time("CACHE_DEFAULT_TTL", ttl) : null,
            CacheVersion = Get("Version", "CACHE_VERSION") ?? defaults.CacheVersion,
            DeploymentId = Get("DeploymentId") is { } deployment ? Deployment(deployment) : defaults.DeploymentId,
            Redis = RedisSettingsReader.Read(sources.GetRedis),
            MaxBlind = Get("MaxBlind") is { } blind ? Time("--max-blind", blind) : defaults.MaxBlind,
            EmptyRedisIsLoss = Bool("--empty-redis-is-loss", Get("EmptyRedisIsLoss"), defaults.EmptyRedisIsLoss),
            Monitoring = Bool("CACHE_MONITORING_ENABLED", Get("Monitoring", "CACHE_MONITORING_ENABLED"), defaults.Monitoring),
            Warming = Bool("CACHE_WARMING_ENABLED", Get("Warming", "CACHE_WARMING_ENABLED"), defaults.Warming),
            WarmingFile = Get("WarmingFile"),
            RefreshAhead = Get("RefreshAhead") is { } ahead ? PerSecond("--refresh-ahead", ahead) : defaults.RefreshAhead,
            ConfirmAbove = Get("ConfirmAbove") is { } share ? Share("--confirm-above", share) : defaults.ConfirmAbove,
            WebhookPath = Get("WebhookPath") is { } path ? Path("--webhook-path", path) : null,
            WebhookSecrets = Secrets(sources),
            MinimumRuntime = Get("Security:MinimumRuntime") is { } runtime ? Runtime(runtime) : defaults.MinimumRuntime,
            EventsChannel = Get("EventsChannel") ?? defaults.EventsChannel,
            Warnings =
            [
                .. SettingKeys.Ignored(Environment.GetEnvironmentVariables().Keys.Cast<string>()),
                .. RedisSettingsReader.Warning(sources.GetRedis) is { } warning ? (string[])[warning] : [],
            ],
        };
        if (settings.WebhookPath is not null && settings.WebhookSecrets.Length == 0)
        {
            throw new SettingsException("--webhook-path: without a secret anybody could invalidate; set CACHEGATEWAY__WEBHOOK__SECRETS");
        }

        if (settings.AdminToken is null && Array.Find(settings.AdminUrls, url => !IsLoopback(url)) is { } open)
        {
            throw new SettingsException($"--admin-urls: {open} can be reached from other machines, and without a token everybody there could empty the cache; set CACHEGATEWAY__ADMINTOKEN, or listen on 127.0.0.1");
        }

        CheckBackends(settings, new ConfigurationBuilder().AddConfiguration(file).AddConfiguration(environment).Build().GetSection(ProxySection.Name));
        return settings;
    }

    /// <summary>There is one place that names backends, and they can be asked.</summary>
    private static void CheckBackends(GatewaySettings settings, IConfigurationSection proxy)
    {
        if (settings.Origin is { } origin)
        {
            if (OwnAddress.Of(origin, [.. settings.Urls, .. settings.H2cUrls, .. settings.AdminUrls]) is { } own)
            {
                throw new SettingsException($"--origin: {origin} is this gateway itself ({own}), and every request would go round in a circle; name the backend's address, or choose another with --urls");
            }

            if (settings.ConfigFile is not null && proxy.GetSection("Routes").GetChildren().Any())
            {
                throw new SettingsException("--origin and the ReverseProxy section of --config both name backends; use one of them");
            }

            return;
        }

        if (settings.ConfigFile is null || !proxy.GetChildren().Any())
        {
            throw new SettingsException("no backend: give --origin URL, or --config FILE with a ReverseProxy section");
        }

        if (ProxySection.Errors(proxy) is { Count: > 0 } errors)
        {
            throw new SettingsException([.. errors.Select(error => $"--config: {settings.ConfigFile}: {error}")]);
        }
    }

    /// <summary>"250ms", "30s", "5m", "1h", "1d", or a number of seconds.</summary>
    internal static TimeSpan Time(string name, string text)
    {
        var number = text.TrimEnd('a', 'b', 'c', 'd', 'h', 'm', 's');
        double? unit = text[number.Length..] switch { "ms" => 0.001, "s" or "" => 1, "m" => 60, "h" => 3600, "d" => 86400, _ => null };
        return unit is not null && double.TryParse(number, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var value)
            && value > 0 && value * unit.Value <= LongestTime.TotalSeconds
            ? TimeSpan.FromSeconds(value * unit.Value)
            : throw new SettingsException($"{name}: \"{text}\" is not a time; write it like 300 (seconds), 250ms, 30s, 5m or 1h: more than 0, at most 365d");
    }

    /// <summary>"0", "0s", "0ms": no time at all, where that means something.</summary>
    private static bool IsNone(string text) => text.TrimEnd('a', 'b', 'c', 'd', 'h', 'm', 's') is "0" or "0.0";

    /// <summary>"1048576", "64KB", "256MB", "2GB": powers of 1024.</summary>
    internal static long Size(string name, string text)
    {
        var upper = text.ToUpperInvariant().Replace("IB", "B", StringComparison.Ordinal);
        var number = upper.TrimEnd('K', 'M', 'G', 'B');
        long? unit = upper[number.Length..] switch { "" or "B" => 1, "K" or "KB" => 1L << 10, "M" or "MB" => 1L << 20, "G" or "GB" => 1L << 30, _ => null };
        return unit is not null && long.TryParse(number, NumberStyles.None, CultureInfo.InvariantCulture, out var value) && value > 0 && value <= long.MaxValue / unit
            ? value * unit.Value
            : throw new SettingsException($"{name}: \"{text}\" is not a size; write it like 64MB or 2GB");
    }

    private static TimeSpan Silence(string name, string text) => Time(name, text) is var time && time <= LongestSilence
        ? time
        : throw new SettingsException($"{name}: \"{text}\" is too long; it is at most 1d");

    private static int Count(string name, string text) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var count) && count > 0
            ? count
            : throw new SettingsException($"{name}: \"{text}\" is not a number of 1 or more");

    private static int PerSecond(string name, string text) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number <= 10_000
            ? number
            : throw new SettingsException($"{name}: \"{text}\" is not a number a second; it is a whole one from 0 (none) to 10000");

    private static double Share(string name, string text) =>
        double.TryParse(text, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var share) && share is >= 0 and < 1
            ? share
            : throw new SettingsException($"{name}: \"{text}\" is not a share; write it like 0.5, or 0 for never");

    private static string Path(string name, string text) =>
        text.Length > 1 && text[0] == '/' && !text.AsSpan().ContainsAnyExceptInRange('!', '~') && text.AsSpan().IndexOfAny('?', '#') < 0
            ? text
            : throw new SettingsException($"{name}: \"{text}\" is not a path; write it like /cache/webhook");

    /// <summary>
    /// Webhook:Secrets as a list (Webhook:Secrets:0 ...) or in one value, separated by commas. No option of the command line: other users of the machine can read those.
    /// </summary>
    private static string[] Secrets(SettingSources sources)
    {
        var secrets = sources.Items("Webhook:Secrets", ',');
        return Array.TrueForAll(secrets, secret => Invalidation.Webhooks.WebhookSecret.TryParse(secret) is not null)
            ? secrets
            : throw new SettingsException("CACHEGATEWAY__WEBHOOK__SECRETS: a secret needs at least 8 bytes; after \"whsec_\" it is base64");
    }

    private static IConfigurationRoot FileOf(string? file)
    {
        if (file is null)
        {
            return NoFile;
        }

        ExistingFile("--config", file);
        var builder = new ConfigurationBuilder();
        ConfigurationFile.Add(builder, file);
        try
        {
            return builder.Build();
        }
        catch (InvalidDataException exception)
        {
            throw new SettingsException($"--config: {exception.GetBaseException().Message}");
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new SettingsException($"--config: {exception.Message}");
        }
    }

    /// <summary>What is no address at all is complained about where it is listened on.</summary>
    private static bool IsLoopback(string url) => !Uri.TryCreate(Listener.WithoutWildcard(url), UriKind.Absolute, out var parsed) || parsed.IsLoopback;

    private static string Token(string text) =>
        text.Length >= Admin.AdminOptions.ShortestToken && text.AsSpan().IndexOfAnyExceptInRange('!', '~') < 0
            ? text
            : throw new SettingsException($"--admin-token: a token is at least {Admin.AdminOptions.ShortestToken} printable characters without spaces");

    private static Version Runtime(string text) =>
        Version.TryParse(text, out var version) && version.Build >= 0
            ? version
            : throw new SettingsException($"CACHEGATEWAY__SECURITY__MINIMUMRUNTIME: \"{text}\" is not a version; write it like 10.0.13");

    private static string OriginUrl(string text) =>
        Uri.TryCreate(text, UriKind.Absolute, out var url) && url.Scheme is "http" or "https" && url is { Query: "", Fragment: "", UserInfo: "" }
            ? text.TrimEnd('/')
            : throw new SettingsException($"--origin: \"{text}\" is not a backend's URL; write it like http://127.0.0.1:8000");

    /// <summary>What no request can carry is served to nobody, and can be sent to no origin.</summary>
    private static string Host(string name, string text) =>
        RequestTarget.NormaliseAuthority(text, "http") is not null && HostName.IsWritable(text) && !text.Contains('*', StringComparison.Ordinal)
            ? text
            : throw new SettingsException($"{name}: \"{text}\" is not the name of a host; write it like shop.example or shop.example:8080");

    private static CacheProfile ProfileOf(string? text) => text?.ToLowerInvariant() switch
    {
        null or "safe" => CacheProfile.Safe,
        "rfc9111" => CacheProfile.Rfc9111,
        _ => throw new SettingsException($"--profile: \"{text}\" is unknown; it is safe or rfc9111"),
    };

    /// <summary>It begins every name in a shared Redis, and rights are given by that beginning.</summary>
    private static string Deployment(string text) =>
        text.Length <= 64 && text.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_' or '.')
            ? text
            : throw new SettingsException($"--deployment-id: \"{text}\" must be up to 64 letters, digits, '-', '_' or '.'");

    internal static bool Bool(string name, string? text, bool otherwise) => text?.ToLowerInvariant() switch
    {
        null => otherwise,
        "true" or "1" or "yes" or "on" => true,
        "false" or "0" or "no" or "off" => false,
        _ => throw new SettingsException($"{name}: \"{text}\" is not true or false"),
    };

    internal static string[]? List(string? text, char separator) =>
        text?.Split(separator, StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);

    private static string ExistingFile(string name, string path) =>
        File.Exists(path) ? path : throw new SettingsException($"{name}: there is no file \"{path}\"");
}
