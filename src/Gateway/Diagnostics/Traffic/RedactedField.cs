using System.Collections.Frozen;

namespace CacheGateway.Diagnostics.Traffic;

/// <summary>
/// A request field as people may see it. Nobody can list the fields that hold secrets, since every API has a name of its own for its key; so those are listed that
/// hold none: what clients say about themselves and what they can read.
/// </summary>
internal static class RedactedField
{
    private static readonly FrozenSet<string> Harmless = FrozenSet.Create(
        StringComparer.OrdinalIgnoreCase,
    [
        "Accept", "Accept-Charset", "Accept-Encoding", "Accept-Language", "Access-Control-Request-Headers", "Access-Control-Request-Method", "Device-Memory", "DNT",
        "Downlink", "DPR", "ECT", "Host", "Origin", "RTT", "Save-Data", "Sec-GPC", "Sec-Purpose", "Upgrade-Insecure-Requests", "User-Agent", "Viewport-Width", "Width",
        "X-Forwarded-Proto", "X-Requested-With",
    ]);

    /// <summary>The value, or in place of one that may be a secret the first 12 hex digits of its SHA-256: the same for the same value, so that variants can be told apart.</summary>
    public static string ValueOf(string name, string value) => IsHarmless(name) ? value : $"sha256:{RedactedKey.IdOf(value)}";

    /// <summary>Whether no value of it is anybody's secret. Not all of <c>Sec-</c>: clients send tokens in Sec-WebSocket-Protocol.</summary>
    public static bool IsHarmless(string name) =>
        Harmless.Contains(name) || name.StartsWith("Sec-CH-", StringComparison.OrdinalIgnoreCase) || name.StartsWith("Sec-Fetch-", StringComparison.OrdinalIgnoreCase);
}
