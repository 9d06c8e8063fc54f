using System.ComponentModel;
using CacheGateway.Policies.Rules;

namespace CacheGateway.Policies.Document;

/// <summary>What a policy may take from <c>defaults</c>.</summary>
internal class CommonSection
{
    [Description("safe: refuses what origins rarely mean; rfc9111: the letter of the RFC. Default safe."), Choice("safe", "rfc9111")]
    public string? Profile { get; init; }

    [Description("Freshness lifetime of the statuses 200, 203, 204, 300, 301, 308, 404 and 410; \"origin\" says how it is weighed."), Duration]
    public string? Ttl { get; init; }

    [Description("fallback: the origin's explicit freshness, else ttl; respect: the origin's only, ttl is a cap; "
        + "override: ttl instead of the origin's. Default fallback.")]
    [Choice("fallback", "respect", "override")]
    public string? Origin { get; init; }

    [Description("Whether a lifetime may be guessed from Last-Modified where neither origin nor ttl gives one. Default: false under safe, true under rfc9111.")]
    public bool? Heuristics { get; init; }

    [Description("Whether a body is stored whose end only the end of its connection tells: one that broke off looks the same. Default: false under safe, true under rfc9111.")]
    public bool? CloseDelimited { get; init; }

    [Description("How long after its lifetime a response may be served while it is refreshed, where the origin names none. Default 0s."), Duration]
    public string? StaleWhileRevalidate { get; init; }

    [Description("How long after its lifetime a response may be served when the origin fails, where the origin names none. Default 0s."), Duration]
    public string? StaleIfError { get; init; }

    [Description("Part of the lifetime that is taken off at random, so that what was stored together does not expire together. Default 0."), Between(0, 0.5)]
    public double? Jitter { get; init; }

    [Description("Last part of the lifetime in which a hit on a hot response refreshes it behind, before it expires; 0: never. Default 0.1."), Between(0, 0.5)]
    public double? RefreshAhead { get; init; }

    [Description("Largest body that is stored. Default 16MB."), Size(Min = "1B")]
    public string? MaxBody { get; init; }

    [Description("Longest wait for another request's answer on a key that was stored before. Default 5s."), Duration(Max = "5m")]
    public string? CollapseWait { get; init; }

    [Description("Longest wait for another request's answer on a key that never was stored. Default 5s."), Duration(Max = "5m")]
    public string? CollapseWaitUnknown { get; init; }

    [Description("Longest wait for the first byte of the origin's answer. Default: the gateway's --origin-timeout (30s)."), Duration(Min = "1ms", Max = "1d")]
    public string? FirstByteTimeout { get; init; }

    [Description("Longest silence inside the origin's answer. Default: the gateway's --origin-idle-timeout (10s)."), Duration(Min = "1ms", Max = "1d")]
    public string? BetweenBytesTimeout { get; init; }
}
