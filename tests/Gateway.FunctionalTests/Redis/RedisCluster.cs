namespace CacheGateway.FunctionalTests.Redis;

/// <summary>A Redis Cluster of three real masters, and replicas if wanted. One test owns it.</summary>
internal sealed class RedisCluster : IAsyncDisposable
{
    private const int Masters = 3;

    // So long that none is taken for dead because the machine stood still: no test waits until one is.
    private static readonly string[] Options = ["--cluster-enabled", "yes", "--cluster-node-timeout", "15000"];

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

    /// <summary>Moves the slot of a key to another master, as resharding does.</summary>
    /// <param name="key">Lies in the slot.</param>
    /// <param name="to">Gets it.</param>
    /// <param name="between">Done when one of its keys has moved and the others have not.</param>
    public async Task MoveAsync(string key, RedisServer to, Func<Task> between)
    {
        var from = await HolderAsync(key);
        var slot = await from.CommandLineAsync("CLUSTER", "KEYSLOT", key);
        var (source, target) = (await from.CommandLineAsync("CLUSTER", "MYID"), await to.CommandLineAsync("CLUSTER", "MYID"));
        await to.CommandLineAsync("CLUSTER", "SETSLOT", slot, "IMPORTING", source);
        await from.CommandLineAsync("CLUSTER", "SETSLOT", slot, "MIGRATING", target);
        await MigrateAsync(key);
        await between();
        foreach (var left in (await from.CommandLineAsync("CLUSTER", "GETKEYSINSLOT", slot, "1000")).Split('\n', StringSplitOptions.RemoveEmptyEntries))
        {
            await MigrateAsync(left);
        }

        foreach (var server in _servers.OrderByDescending(server => server == to))
        {
            await server.CommandLineAsync("CLUSTER", "SETSLOT", slot, "NODE", target);
        }

        async Task MigrateAsync(string name) =>
            Assert.Equal("OK", await from.CommandLineAsync("MIGRATE", "127.0.0.1", $"{to.Port}", name, "0", "5000"));
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
