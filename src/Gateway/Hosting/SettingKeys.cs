using System.Text.RegularExpressions;
using CacheGateway.Operations.Alerts;
using CacheGateway.Policies.Rules;

namespace CacheGateway.Hosting;

/// <summary>
/// Every key of the section <c>CacheGateway</c>, each of which is also the variable CACHEGATEWAY__KEY; and who wrote one that is none. In the file that is a
/// mistake; in an environment, which is shared with other programs, a warning.
/// </summary>
internal static partial class SettingKeys
{
    public const string Section = "CacheGateway";

    public const string Prefix = "CACHEGATEWAY__";

    /// <summary>Read by the commands that talk to a running gateway.</summary>
    private const string Admin = "Admin";

    /// <summary>A list, or one value.</summary>
    private const string Secrets = "Webhook:Secrets";

    /// <summary>The keys that are options of <c>run</c> too, without their dashes.</summary>
    public static readonly IReadOnlyList<string> Options =
    [
        "Origin", "Urls", "AdminUrls", "AdminToken", "AdminHosts", "H2cUrls", "Profile", "Config", "Policies", "Memory", "Node", "Hosts", "OriginHost", "OriginHttp2",
        "OriginTimeout", "OriginIdleTimeout", "OriginConnectTimeout", "OriginRequests", "OriginPause", "MaxConnections", "MaxHeaders", "MaxBody", "MaxFills", "MaxWaiters",
        "Drain", "Redis", "MaxBlind", "EmptyRedisIsLoss", "ConfirmAbove", "Warming", "WarmingFile", "RefreshAhead", "WebhookPath", "EventsChannel", "TargetedFields",
        "InterimResponses", "CacheStatusKey", "DeploymentId",
    ];

    /// <summary>The variables that other programs know settings by.</summary>
    public static readonly IReadOnlyDictionary<string, string> Variables = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase)
    {
        ["Enabled"] = "CACHE_ENABLED",
        ["DefaultTtl"] = "CACHE_DEFAULT_TTL",
        ["Version"] = "CACHE_VERSION",
        ["Monitoring"] = "CACHE_MONITORING_ENABLED",
        ["Warming"] = "CACHE_WARMING_ENABLED",
        ["RedisUrl"] = "REDIS_URL",
        ["RedisHost"] = "REDIS_HOST",
        ["RedisPort"] = "REDIS_PORT",
        ["RedisUser"] = "REDIS_USER",
        ["RedisPassword"] = "REDIS_PASSWORD",
        ["RedisSsl"] = "REDIS_SSL",
        ["RedisDb"] = "REDIS_DB",
        ["RedisMaxConnections"] = "REDIS_MAX_CONNECTIONS",
        ["RedisSigningKey"] = "REDIS_SIGNING_KEY",
    };

    /// <summary>All of them; a colon stands before a member of a section.</summary>
    public static readonly IReadOnlyList<string> All =
    [
        .. Options.Union(Variables.Keys), Secrets, "Security:MinimumRuntime", .. typeof(AlertSettings).GetProperties().Select(property => $"Alerts:{property.Name}"),
    ];

    /// <summary>The option that sets a key, else its variable.</summary>
    public static string NameOf(string key) =>
        Options.Contains(key) ? "--" + Capital().Replace(key, "-$0").ToLowerInvariant() : VariableOf(key) ?? Prefix + VariableText(key);

    /// <summary>Where a word begins inside of a key.</summary>
    [GeneratedRegex("(?<=.)[A-Z]")]
    private static partial Regex Capital();

    public static string? VariableOf(string key) => Variables.GetValueOrDefault(key);

    /// <summary>What in the file nobody reads: each with what may have been meant.</summary>
    /// <param name="section">The section <c>CacheGateway</c> of the file alone.</param>
    public static IReadOnlyList<string> Unread(IConfigurationSection section)
    {
        ArgumentNullException.ThrowIfNull(section);
        return [.. section.GetChildren().SelectMany(child => Unread(child, child.Key))];
    }

    /// <summary>Variables that pose as settings, and are none: each with what may have been meant.</summary>
    public static IReadOnlyList<string> Ignored(IEnumerable<string> variables) =>
    [
        .. variables.Where(name => name.StartsWith(Prefix, StringComparison.OrdinalIgnoreCase)).Select(name => (name, Key: name[Prefix.Length..].Replace("__", ":", StringComparison.Ordinal)))
            .Where(given => !IsKnown(given.Key) && !given.Key.Equals(Admin, StringComparison.OrdinalIgnoreCase))
            .Select(given => $"{given.name} is no setting and has no effect{Suggestion.For(given.Key, All.Select(VariableText)).Replace("mean \"", "mean \"" + Prefix, StringComparison.Ordinal)}")
            .Order(StringComparer.Ordinal),
    ];

    private static string VariableText(string key) => key.ToUpperInvariant().Replace(":", "__", StringComparison.Ordinal);

    /// <summary>Secrets may be a list: its items are numbered.</summary>
    private static bool IsKnown(string key) =>
        All.Contains(key, StringComparer.OrdinalIgnoreCase)
        || (key.StartsWith(Secrets + ":", StringComparison.OrdinalIgnoreCase) && key.AsSpan(Secrets.Length + 1).IndexOfAnyExceptInRange('0', '9') < 0);

    private static IEnumerable<string> Unread(IConfigurationSection child, string key)
    {
        var inner = child.GetChildren().ToArray();
        if (inner.Length > 0 && All.Any(known => known.StartsWith(key + ":", StringComparison.OrdinalIgnoreCase)))
        {
            return inner.SelectMany(member => Unread(member, $"{key}:{member.Key}"));
        }

        if (!IsKnown(key))
        {
            return [$"{child.Path}: nobody reads \"{child.Key}\"{Suggestion.For(key, All)}"];
        }

        return inner.Length == 0 || key.Equals(Secrets, StringComparison.OrdinalIgnoreCase) ? []
            : [$"{child.Path}: it is one value, and there is a list or a section; write a list in one text{(IsSecret(key) ? "" : $", such as \"{string.Join(key.EndsWith("Urls", StringComparison.OrdinalIgnoreCase) ? ';' : ',', inner.Select(item => item.Value))}\"")}"];
    }

    /// <summary>What stands there is shown to nobody.</summary>
    private static bool IsSecret(string key) =>
        key.EndsWith("Token", StringComparison.OrdinalIgnoreCase) || key.EndsWith("Password", StringComparison.OrdinalIgnoreCase) || key.EndsWith("Key", StringComparison.OrdinalIgnoreCase)
        || key.EndsWith("Secret", StringComparison.OrdinalIgnoreCase) || key.Equals("RedisUrl", StringComparison.OrdinalIgnoreCase);
}
