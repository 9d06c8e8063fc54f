namespace Compare;

/// <summary>The questions, in the order of the table.</summary>
internal static class Scenarios
{
    private static readonly Peer[] Caches = [Peers.Gateway, Peers.Kestrel, Peers.Nginx, Peers.Varnish, Peers.HAProxy];

    public static readonly IScenario[] All =
    [
        new LoadScenario("hit-1k", "memory hit, 1 KiB, 64 connections", new Load { Path = "/b/1024" }, Caches),
        new LoadScenario("hit-1k-rate", "the same at 30,000 requests a second", new Load { Path = "/b/1024", Rate = 30_000 }, Caches),
        new LoadScenario("304", "304 of the same key", new Load { Path = "/b/1024", Headers = ["If-None-Match: \"5f3c-61a8\""] }, Caches),
        new LoadScenario("miss", "known uncacheable, 1 KiB", new Load { Path = "/u/1024" }, Peers.Gateway, Peers.Yarp, Peers.Nginx, Peers.Varnish, Peers.HAProxy),
        new LoadScenario("miss-stored", "each answer stored, 1 KiB", new Load { Path = "", Keys = ["/b/1024/", "0", "each"] }, Peers.Gateway, Peers.Yarp, Peers.Nginx, Peers.Varnish),
    ];
}
