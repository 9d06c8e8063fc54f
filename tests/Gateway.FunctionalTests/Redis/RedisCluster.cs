namespace CacheGateway.FunctionalTests.Redis;

/// <summary>A Redis Cluster of three real masters, and replicas if wanted. One test owns it.</summary>
internal sealed class RedisCluster : IAsyncDisposable
{
    private const int Masters = 3;

    private static readonly string[] Options = ["--cluster-enabled", "yes", "--cluster-node-timeout", "2000"];

    private readonly List<RedisServer> _servers = [];

    public IReadOnlyList<RedisServer> Servers => _servers;

    public string[] Addresses => [.. _servers.Select(server => server.Address)];

    /// <param name="replicas">Of each master.</param>
    public static async Task<RedisCluster> StartAsync(int replicas = 0)
    {
        var cluster = new RedisCluster();
        try
        {
            for (var i = 0; i < Masters * (1 + replicas); i++)
            {
                cluster._servers.Add(await RedisServer.StartAsync(Options));
            }

            await cluster._servers[0].CommandLineAsync(["--cluster", "create", .. cluster.Addresses, "--cluster-replicas", $"{replicas}", "--cluster-yes"]);
            await cluster.UntilAgreed();
            return cluster;
        }
        catch
        {
            await cluster.DisposeAsync();
            throw;
        }
    }

    /// <summary>Until every server that runs finds all slots served.</summary>
    public Task UntilAgreed(params RedisServer[] away) => Deadline.Until(
        async () => (await Task.WhenAll(_servers.Except(away).Select(server => server.CommandLineAsync("CLUSTER", "INFO"))))
            .All(info => info.Contains("cluster_state:ok", StringComparison.Ordinal)),
        "the Cluster agrees");

    /// <summary>The server that holds a key itself.</summary>
    public async Task<RedisServer> HolderAsync(string key)
    {
        foreach (var server in _servers)
        {
            if (await server.CommandLineAsync("EXISTS", key) == "1")
            {
                return server;
            }
        }

        throw new InvalidOperationException($"No server of the Cluster holds {key}.");
    }

    /// <summary>A replica of <paramref name="master"/>.</summary>
    public async Task<RedisServer> ReplicaOfAsync(RedisServer master)
    {
        foreach (var server in _servers)
        {
            if ((await server.CommandLineAsync("INFO", "replication")).Contains($"master_port:{master.Port}", StringComparison.Ordinal))
            {
                return server;
            }
        }

        throw new InvalidOperationException($"{master.Address} has no replica.");
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var server in _servers)
        {
            await server.DisposeAsync();
        }
    }
}
