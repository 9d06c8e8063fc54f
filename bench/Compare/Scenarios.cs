namespace Compare;

/// <summary>The questions, in the order of the table.</summary>
internal static class Scenarios
{
    private static readonly Peer[] Caches = [Peers.Gateway, Peers.Kestrel, Peers.Nginx, Peers.Varnish, Peers.HAProxy];

    public static readonly IScenario[] All =
    [
        new LoadScenario("hit-1k", "memory hit, 1 KiB, 64 connections", new Load { Path = "/b/1024" }, [.. Caches, Peers.UsualKestrel]),
        new LoadScenario("hit-1k-rate", "the same at 30,000 requests a second", new Load { Path = "/b/1024", Rate = 30_000 }, [.. Caches, Peers.UsualKestrel]),
        // Without HAProxy: its 304 carry Content-Length, as they may, and wrk waits for a body of that length.
        new LoadScenario("304", "304 of the same key", new Load { Path = "/b/1024", Headers = ["If-None-Match: \"5f3c-61a8\""] }, Peers.Gateway, Peers.Kestrel, Peers.Nginx, Peers.Varnish),
        new LoadScenario("hit-16k", "memory hit, 16 KiB", new Load { Path = "/b/16384" }, Caches),
        new LoadScenario("hit-1m", "memory hit, 1 MiB, 16 connections", new Load { Path = "/b/1048576", Connections = 16 }, Caches),
        new LoadScenario("hit-h20", "memory hit, 1 KiB with 20 fields more", new Load { Path = "/h/1024" }, Caches),
        new LoadScenario("range", "100 bytes out of 16 KiB", new Load { Path = "/b/16384", Headers = ["Range: bytes=1000-1099"] }, Peers.Gateway, Peers.Nginx, Peers.Varnish),
        new LoadScenario("compressed", "16 KiB of text, gzip", new Load { Path = "/z/16384", Headers = ["Accept-Encoding: gzip"] }, Peers.GatewayOfPolicies, Peers.Nginx),
        new LoadScenario("conn-1000", "memory hit, 1 KiB, 1,000 connections", new Load { Path = "/b/1024", Connections = 1000 }, Caches),
        new LoadScenario("conn-5000", "memory hit, 1 KiB, 5,000 connections", new Load { Path = "/b/1024", Connections = 5000 }, Caches),
        new LoadScenario("tls", "memory hit, 1 KiB, HTTP/1.1 over TLS", new Load { Path = "/b/1024", Tls = true }, Peers.Gateway, Peers.UsualKestrel, Peers.Nginx, Peers.HAProxy),
        new LoadScenario("tls-new", "the same, a handshake for each request", new Load { Path = "/b/1024", Tls = true, Headers = ["Connection: close"] }, Peers.Gateway, Peers.UsualKestrel, Peers.Nginx),
        new LoadScenario("h2", "memory hit, 1 KiB, HTTP/2 over TLS, 16 streams on each of 16 connections", new Load { Path = "/b/1024", Connections = 16, Tls = true, Http2 = true }, Peers.Gateway, Peers.UsualKestrel, Peers.Nginx, Peers.HAProxy),
        new LoadScenario("zipf", "100,000 keys by Zipf's law, 8 KiB", new Load { Path = "", Keys = ["/b/8192/", "100000", "zipf"] }, Peers.Gateway, Peers.Kestrel, Peers.Nginx, Peers.Varnish, Peers.HAProxy),
        new LoadScenario("scan", "memory hit, 1 KiB, beside 1,000 requests a second for keys that never come again", new Load { Path = "/b/1024" }, Peers.Gateway, Peers.Nginx, Peers.Varnish) { Beside = Beside.Scan(1000) },
        new LoadScenario("writer", "memory hit, 1 KiB, beside 100 invalidated tags a second", new Load { Path = "/b/1024" }, Peers.Gateway) { Beside = Beside.Invalidate(100) },
        new LoadScenario("miss", "known uncacheable, 1 KiB", new Load { Path = "/u/1024" }, Peers.Gateway, Peers.Yarp, Peers.Nginx, Peers.Varnish, Peers.HAProxy),
        new LoadScenario("miss-stored", "each answer stored, 1 KiB", new Load { Path = "", Keys = ["/b/1024/", "0", "each"] }, Peers.Gateway, Peers.Yarp, Peers.Nginx, Peers.Varnish),
        new StampedeScenario(Peers.Gateway, Peers.Nginx, Peers.Varnish),
        new LoadScenario("redis-hit", "each answer from Redis, 1 KiB", new Load { Path = "/b/1024" }, Peers.GatewayOnRedis, Peers.BareRedis),
        new UsersScenario(500),
        new UsersScenario(1000),
        new UsersScenario(2000),
        new StartScenario(),
        new GrowthScenario(),
        // Last: some servers take no clients for a while after it.
        new LoadScenario("conn-10000", "memory hit, 1 KiB, 10,000 connections", new Load { Path = "/b/1024", Connections = 10_000 }, Peers.Gateway, Peers.Kestrel, Peers.Nginx),
    ];

    /// <summary>A name means the scenario that has it; a beginning of names, where no scenario is called so, all of these.</summary>
    public static bool IsMeant(IScenario scenario, string name) =>
        scenario.Name == name || (scenario.Name.StartsWith(name, StringComparison.Ordinal) && !Array.Exists(All, other => other.Name == name));
}
