using System.Text.Json;

namespace CacheGateway.Hosting;

/// <summary>
/// From words to <see cref="GatewaySettings"/>; <see cref="SettingSources"/> says which place is the stronger, <see cref="SettingText"/> what a value may be.
/// </summary>
internal static class SettingsReader
{
    /// <summary>Bytes. Less is a way to have Redis alone answer, and seldom meant.</summary>
    private const long LeastMemory = 1 << 20;

    private static readonly IConfigurationRoot NoFile = new ConfigurationBuilder().Build();

    /// <exception cref="SettingsException">Values that cannot work: all of them, a line for each, by the option, variable or key that it came from.</exception>
    public static GatewaySettings Read(IReadOnlyDictionary<string, string> commandLine)
    {
        var environment = new ConfigurationBuilder().AddEnvironmentVariables().Build();
        var first = new SettingSources(commandLine, environment, NoFile);
        var file = first.Find("Config") is { } config ? FileOf(config.Name, config.Value) : NoFile;
        var sources = new SettingSources(commandLine, environment, file);
        var errors = new SettingsErrors();
        errors.Add([.. ConfigurationSections.Errors(file).Concat(SettingKeys.Unread(file.GetSection(SettingKeys.Section))).Select(error => $"--config: {sources.Get("Config")}: {error}")]);
        var settings = Values(sources, errors) with
        {
            Warnings =
            [
                .. ConfigurationSections.Warnings(file).Select(warning => $"--config: {sources.Get("Config")}: {warning}"),
                .. SettingKeys.Ignored(Environment.GetEnvironmentVariables().Keys.Cast<string>()),
                .. errors.Try(() => RedisSettingsReader.Warning(sources.GetRedis, sources.NameOf), null) is { } warning ? (string[])[warning] : [],
            ],
        };

        // What follows from values that are wrong themselves says nothing new.
        errors.ThrowIfAny();
        if (sources.Find("Memory") is { } memory && settings.MemoryBytes < LeastMemory)
        {
            var meant = memory.Value.All(char.IsAsciiDigit) ? $"; did you mean {memory.Value}MB?" : "";
            settings = settings with { Warnings = [.. settings.Warnings, $"{memory.Name}: \"{memory.Value}\" is {settings.MemoryBytes} bytes, in which memory holds next to nothing{meant}"] };
        }

        if (sources.Find("WarmingFile") is { } record && !settings.Warming)
        {
            settings = settings with { Warnings = [.. settings.Warnings, $"{record.Name}: it has no effect without --warming true, which records what is popular and fetches it at the next start"] };
        }

        if (settings.PoliciesFile is not null)
        {
            settings = settings with { Warnings = [.. settings.Warnings, .. BesideAPolicyFile(sources)] };
        }

        CheckAddresses(settings, sources, errors);
        if (settings.WebhookPath is not null && settings.WebhookSecrets.Length == 0)
        {
            errors.Add($"{sources.NameOf("WebhookPath")}: without a secret anybody could invalidate; set CACHEGATEWAY__WEBHOOK__SECRETS");
        }

        if (settings.AdminToken is null && Array.Find(settings.AdminUrls, url => !IsLoopback(url)) is { } open)
        {
            errors.Add($"{sources.NameOf("AdminUrls")}: {open} can be reached from other machines, and without a token everybody there could empty the cache; set CACHEGATEWAY__ADMINTOKEN, or listen on 127.0.0.1");
        }

        var works = new ConfigurationBuilder().AddConfiguration(file).AddConfiguration(environment).Build();
        errors.Add([.. KestrelSection.Errors(file).Select(error => $"--config: {sources.Get("Config")}: {error}"), .. KestrelSection.Errors(environment).Select(error => $"environment: {error}")]);
        errors.Add([.. LoggingSection.Errors(file).Select(error => $"--config: {sources.Get("Config")}: {error}"), .. LoggingSection.Errors(environment).Select(error => $"environment: {error}")]);
        var proxy = works.GetSection(ProxySection.Name);
        errors.Try(() => CheckBackends(settings, sources, proxy, environment));
        errors.ThrowIfAny();
        return settings.Redis is null ? settings
            : settings with { Warnings = [.. settings.Warnings, .. ProxySection.ReadByOneAlone(proxy).Select(warning => ByPlace(settings, environment, warning))] };
    }

    private static GatewaySettings Values(SettingSources sources, SettingsErrors errors)
    {
        // What is wrong is told, and stands for its default until all are read.
        T Value<T>(string key, Func<string, string, T> read, T otherwise, string? variable = null) =>
            sources.Find(key, variable) is { } given ? errors.Try(() => read(given.Name, given.Value), otherwise) : otherwise;
        T? Maybe<T>(string key, Func<string, string, T> read, string? variable = null)
            where T : struct => Value(key, (name, text) => (T?)read(name, text), null, variable);

        var defaults = new GatewaySettings();
        return new GatewaySettings
        {
            Origin = Value<string?>("Origin", SettingText.OriginUrl, null),
            OriginHost = Value<string?>("OriginHost", SettingText.Host, null),
            OriginHttp2 = Value("OriginHttp2", SettingText.Flag, false),
            OriginTimeout = Value("OriginTimeout", SettingText.Silence, defaults.OriginTimeout),
            OriginIdleTimeout = Value("OriginIdleTimeout", SettingText.Silence, defaults.OriginIdleTimeout),
            OriginConnectTimeout = Value("OriginConnectTimeout", SettingText.Silence, defaults.OriginConnectTimeout),
            OriginRequests = Value("OriginRequests", SettingText.Count, defaults.OriginRequests),
            OriginPause = Value("OriginPause", SettingText.Silence, defaults.OriginPause),
            MaxConnections = Maybe("MaxConnections", SettingText.Count),
            MaxHeaderBytes = Value("MaxHeaders", SettingText.HeadSize, defaults.MaxHeaderBytes),
            MaxBodyBytes = Maybe("MaxBody", SettingText.Size),
            MaxFills = Value("MaxFills", SettingText.Count, defaults.MaxFills),
            MaxWaiters = Value("MaxWaiters", SettingText.Count, defaults.MaxWaiters),
            Drain = Value("Drain", SettingText.SilenceOrNone, defaults.Drain),
            Urls = Value("Urls", SettingText.Addresses, defaults.Urls),
            InterimResponses = Value("InterimResponses", SettingText.Flag, defaults.InterimResponses),
            CacheStatusKey = Value("CacheStatusKey", SettingText.Flag, defaults.CacheStatusKey),
            H2cUrls = Value("H2cUrls", SettingText.Addresses, defaults.H2cUrls),
            AdminUrls = Value("AdminUrls", SettingText.Addresses, defaults.AdminUrls),
            AdminToken = Value<string?>("AdminToken", SettingText.Token, null),
            Alerts = errors.Try(() => AlertSettingsReader.Read(name => sources.Get("Alerts:" + name), name => sources.NameOf("Alerts:" + name)), defaults.Alerts),
            AdminHosts = Value("AdminHosts", SettingText.Hosts, defaults.AdminHosts),
            Profile = Value("Profile", SettingText.Profile, defaults.Profile),
            PoliciesFile = Value<string?>("Policies", SettingText.ExistingFile, null),
            ConfigFile = sources.Get("Config"),
            // Where the process itself may have little (a container's limit), a quarter of that.
            MemoryBytes = Value("Memory", SettingText.Size, Math.Min(defaults.MemoryBytes, GC.GetGCMemoryInfo().TotalAvailableMemoryBytes / 4)),
            Node = sources.Get("Node") ?? defaults.Node,
            Hosts = Value("Hosts", SettingText.Hosts, defaults.Hosts),
            TargetedFields = Value("TargetedFields", SettingText.FieldNames, defaults.TargetedFields),
            CacheEnabled = Value("Enabled", SettingText.Flag, true, "CACHE_ENABLED"),
            DefaultTtl = Maybe("DefaultTtl", SettingText.Time, "CACHE_DEFAULT_TTL"),
            CacheVersion = sources.Get("Version", "CACHE_VERSION") ?? defaults.CacheVersion,
            DeploymentId = Value("DeploymentId", SettingText.Deployment, defaults.DeploymentId),
            Redis = errors.Try(() => RedisSettingsReader.Read(sources.GetRedis, sources.NameOf), null),
            MaxBlind = Value("MaxBlind", SettingText.Blindness, defaults.MaxBlind),
            EmptyRedisIsLoss = Value("EmptyRedisIsLoss", SettingText.Flag, defaults.EmptyRedisIsLoss),
            Monitoring = Value("Monitoring", SettingText.Flag, defaults.Monitoring, "CACHE_MONITORING_ENABLED"),
            Warming = Value("Warming", SettingText.Flag, defaults.Warming, "CACHE_WARMING_ENABLED"),
            WarmingFile = sources.Get("WarmingFile"),
            RefreshAhead = Value("RefreshAhead", SettingText.PerSecond, defaults.RefreshAhead),
            ConfirmAbove = Value("ConfirmAbove", SettingText.Share, defaults.ConfirmAbove),
            WebhookPath = Value<string?>("WebhookPath", SettingText.UrlPath, null),
            WebhookSecrets = errors.Try(() => Secrets(sources), []),
            MinimumRuntime = Value("Security:MinimumRuntime", SettingText.Runtime, defaults.MinimumRuntime),
            EventsChannel = sources.Get("EventsChannel") ?? defaults.EventsChannel,
        };
    }

    /// <summary>What is said by the file that is in force, and by settings in vain.</summary>
    private static IEnumerable<string> BesideAPolicyFile(SettingSources sources)
    {
        (string Key, string? Variable, string Member)[] vain = [("Profile", null, "profile"), ("DefaultTtl", "CACHE_DEFAULT_TTL", "ttl")];
        foreach (var (key, variable, member) in vain)
        {
            if (sources.Find(key, variable) is { } given)
            {
                yield return $"{given.Name}: it has no effect beside a policy file; set \"{member}\" in its \"defaults\"";
            }
        }
    }

    /// <summary>An address has one role.</summary>
    private static void CheckAddresses(GatewaySettings settings, SettingSources sources, SettingsErrors errors)
    {
        (string Key, string[] Urls)[] roles = [("Urls", settings.Urls), ("H2cUrls", settings.H2cUrls), ("AdminUrls", settings.AdminUrls)];
        foreach (var (first, second) in roles.SelectMany((second, i) => roles.Take(i).Select(first => (first, second))))
        {
            if (Array.Find(second.Urls, url => first.Urls.Any(other => OwnAddress.IsSame(other, url))) is { } both)
            {
                errors.Add($"{sources.NameOf(second.Key)}: {both} is one of {sources.NameOf(first.Key)}, too; give it another port");
            }
        }
    }

    /// <summary>There is one place that names backends, and they can be asked.</summary>
    private static void CheckBackends(GatewaySettings settings, SettingSources sources, IConfigurationSection proxy, IConfiguration environment)
    {
        if (settings.Origin is { } origin)
        {
            if (OwnAddress.Of(origin, [.. settings.Urls, .. settings.H2cUrls, .. settings.AdminUrls]) is { } own)
            {
                throw new SettingsException($"{sources.NameOf("Origin")}: {origin} is this gateway itself ({own}), and every request would go round in a circle; name the backend's address, or choose another with --urls");
            }

            if (settings.ConfigFile is not null && proxy.GetSection("Routes").GetChildren().Any())
            {
                throw new SettingsException($"{sources.NameOf("Origin")} and the ReverseProxy section of --config both name backends; use one of them");
            }

            return;
        }

        if (settings.ConfigFile is null || !proxy.GetChildren().Any())
        {
            throw new SettingsException("no backend: give --origin URL, or --config FILE with a ReverseProxy section");
        }

        string[] errors = [.. WithoutEffect(sources), .. ProxySection.Errors(proxy).Concat(ProxySection.WithoutScheme(proxy)).Select(error => ByPlace(settings, environment, error))];
        if (errors.Length > 0)
        {
            throw new SettingsException(errors);
        }
    }

    /// <summary>It begins with the path of what it is about, and a variable of that path is stronger than the file.</summary>
    private static string ByPlace(GatewaySettings settings, IConfiguration environment, string line) =>
        $"{(string.IsNullOrEmpty(environment[line.Split(": ")[0]]) ? $"--config: {settings.ConfigFile}" : "environment")}: {line}";

    /// <summary>What says how the one backend of <c>--origin</c> is asked says nothing of those of a configuration.</summary>
    private static IEnumerable<string> WithoutEffect(SettingSources sources)
    {
        if (sources.Find("OriginHost") is { } host)
        {
            yield return $"{host.Name}: it belongs to --origin; for a route of the configuration write \"Transforms\": [ {{ \"RequestHeader\": \"Host\", \"Set\": \"{host.Value}\" }} ]";
        }

        if (sources.Find("OriginHttp2") is { } http2 && SettingText.Flag(http2.Name, http2.Value))
        {
            yield return $"{http2.Name}: it belongs to --origin; for a cluster of the configuration write \"HttpRequest\": {{ \"Version\": \"2\", \"VersionPolicy\": \"RequestVersionExact\" }}";
        }
    }

    /// <summary>
    /// Webhook:Secrets as a list (Webhook:Secrets:0 ...) or in one value, separated by commas. No option of the command line: other users of the machine can read those.
    /// </summary>
    private static string[] Secrets(SettingSources sources) =>
        SettingText.Each(sources.Items("Webhook:Secrets", ','), secret => Invalidation.Webhooks.WebhookSecret.TryParse(secret.Value) is not null
            ? secret.Value
            : throw new SettingsException($"{secret.Name}: a secret needs at least 8 bytes; after \"whsec_\" it is base64"));

    private static IConfigurationRoot FileOf(string name, string file)
    {
        SettingText.ExistingFile(name, file);
        try
        {
            return new ConfigurationBuilder().AddInMemoryCollection(ConfigurationFile.Read(file)).Build();
        }
        catch (Exception exception) when (exception is IOException or FormatException or JsonException)
        {
            throw new SettingsException($"--config: {ConfigurationFile.Problem(exception, file)}");
        }
    }

    private static bool IsLoopback(string url) => new Uri(Listener.WithoutWildcard(url)).IsLoopback;
}
