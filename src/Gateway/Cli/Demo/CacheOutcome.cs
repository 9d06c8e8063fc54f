namespace CacheGateway.Cli.Demo;

internal enum CacheOutcome
{
    Miss,
    Hit,
    Collapsed,
}

/// <summary>Reads what the gateway says of an answer (RFC 9211).</summary>
internal static class CacheOutcomes
{
    public static CacheOutcome Of(HttpResponseMessage response)
    {
        var members = response.Headers.TryGetValues("Cache-Status", out var lines) ? string.Join(", ", lines) : "";
        var own = members.Split(',').Select(member => member.Trim().Split(';', StringSplitOptions.TrimEntries))
            .LastOrDefault(member => member[0] == "CacheGateway") ?? [];
        return own.Contains("hit") ? CacheOutcome.Hit : own.Contains("collapsed") ? CacheOutcome.Collapsed : CacheOutcome.Miss;
    }
}
