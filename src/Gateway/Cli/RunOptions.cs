using System.CommandLine;

namespace CacheGateway.Cli;

/// <summary>
/// The options of <c>run</c>. Each is also a configuration key (section CacheGateway) and an environment variable (CACHEGATEWAY__NAME);
/// the command line wins.
/// </summary>
internal sealed class RunOptions
{
    private readonly Dictionary<string, Option<string?>> _options = new(StringComparer.Ordinal);

    public RunOptions()
    {
        Add("Origin", "--origin", "URL of the backend; alone it makes a transparent shared cache for all paths.", "URL");
        Add("Urls", "--urls", "Public addresses, separated by ';' (default http://127.0.0.1:8080).", "URL");
        Add("AdminUrls", "--admin-urls", "Addresses of health, metrics and the admin API (default: none).", "URL");
        Add("AdminToken", "--admin-token", "Bearer token of the admin addresses; needed unless all are loopback. Better as CACHEGATEWAY__ADMINTOKEN: others can read command lines.", "TOKEN");
        Add("AdminHosts", "--admin-hosts", "Names, beside IP addresses and localhost, by which the admin addresses may be called.", "LIST");
        Add("H2cUrls", "--h2c-urls", "Further addresses that speak cleartext HTTP/2 by prior knowledge.", "URL");
        Add("Profile", "--profile", "safe (default) or rfc9111, without --policies; a policy file says it itself.", "NAME");
        Add("Config", "--config", "YARP routes and clusters, TLS certificates and settings, in JSON; routes are read again when it changes.", "FILE");
        Add("Policies", "--policies", "Caching policies in JSON; only matching paths are cached then.", "FILE");
        Add("Memory", "--memory", "Memory budget, such as 256MB (default).", "SIZE");
        Add("Node", "--node", "Name of this node (default: the machine's).", "NAME");
        Add("Hosts", "--hosts", "Host names that are served, separated by commas (default: all).", "LIST");
        Add("OriginHost", "--origin-host", "Host sent to the origin instead of the client's.", "HOST");
        Add("OriginHttp2", "--origin-http2", "true: speak HTTP/2 to the origin without TLS.", "BOOL");
        Add("OriginTimeout", "--origin-timeout", "Longest wait for the first byte of the origin's answer (default 30s).", "TIME");
        Add("OriginIdleTimeout", "--origin-idle-timeout", "Longest silence of the origin inside an answer (default 10s).", "TIME");
        Add("OriginConnectTimeout", "--origin-connect-timeout", "Longest wait for a connection to the origin (default 2s).", "TIME");
        Add("OriginRequests", "--origin-requests", "Requests under way to one destination; beyond it 503 at once, or stale (default 1024).", "NUMBER");
        Add("OriginPause", "--origin-pause", "How long a destination that gives no answers is left alone (default 5s).", "TIME");
        Add("MaxConnections", "--max-connections", "Connections of clients at once (default: what the file descriptors allow, at most 20000).", "NUMBER");
        Add("MaxHeaders", "--max-headers", "Largest header section of a request, and largest request line, 1KB to 1MB (default 32KB).", "SIZE");
        Add("MaxBody", "--max-body", "Largest body of a request (default: no limit).", "SIZE");
        Add("MaxFills", "--max-fills", "Fetches under way at once whose answers may be shared (default 512).", "NUMBER");
        Add("MaxWaiters", "--max-waiters", "Requests that wait for the answer to one key at once (default 5000).", "NUMBER");
        Add("Drain", "--drain", "From SIGTERM to the last answer under way (default 10s; 0: do not wait).", "TIME");
        Add("Redis", "--redis", "Redis behind memory, shared by all gateways: HOST:PORT, several separated by commas for a Cluster.", "LIST");
        Add("MaxBlind", "--max-blind", "Longest time without word from Redis that stored responses are served unvalidated (default 10s).", "TIME");
        Add("EmptyRedisIsLoss", "--empty-redis-is-loss", "true: a new gateway that finds Redis empty takes it for a loss, and wait=all answers 202 until gateways it cannot know have stopped.", "BOOL");
        Add("ConfirmAbove", "--confirm-above", "Share of this node's entries above which an invalidation needs \"confirm\": true (default 0 = never).", "SHARE");
        Add("Warming", "--warming", "true: fetch at start what policies list and what was popular before, and record what is popular.", "BOOL");
        Add("WarmingFile", "--warming-file", "Where --warming records popular keys (default: in Redis, if there is one).", "FILE");
        Add("RefreshAhead", "--refresh-ahead", "Most refreshes a second of hot responses before they expire (default 20; 0: none).", "N");
        Add("WebhookPath", "--webhook-path", "Public path that takes signed webhooks; the secrets come from CACHEGATEWAY__WEBHOOK__SECRETS.", "PATH");
        Add("EventsChannel", "--events-channel", "Redis stream and channel of backends' events (default cachegateway:events).", "NAME");
        Add("TargetedFields", "--targeted-fields", "Fields read before Cache-Control, the most specific first; Surrogate-Control may be one of them.", "LIST");
        Add("InterimResponses", "--interim-responses", "false: drop 102 and 103 instead of passing them on.", "BOOL");
        Add("CacheStatusKey", "--cache-status-key", "true: Cache-Status names the key too, with the values of the query hidden and an id as in top and explain.", "BOOL");
        Add("DeploymentId", "--deployment-id", "Separates deployments that share one Redis (default \"default\").", "NAME");
    }

    /// <summary>The configuration keys.</summary>
    public IEnumerable<string> Keys => _options.Keys;

    public void AddTo(Command command)
    {
        foreach (var option in _options.Values)
        {
            command.Add(option);
        }
    }

    /// <summary>What was given, by configuration key.</summary>
    public IReadOnlyDictionary<string, string> Values(ParseResult parsed)
    {
        var values = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var (key, option) in _options)
        {
            if (parsed.GetValue(option) is { } value)
            {
                values[key] = value;
            }
        }

        return values;
    }

    private void Add(string key, string name, string description, string argument) =>
        _options.Add(key, new Option<string?>(name) { Description = description, HelpName = argument });
}
