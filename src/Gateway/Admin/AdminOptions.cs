namespace CacheGateway.Admin;

/// <summary>Who may use the admin listener.</summary>
/// <param name="Token">The bearer token; null = none is asked for, which start-up allows on loopback addresses only.</param>
/// <param name="Hosts">Names, beside IP addresses and "localhost", by which the listener may be called.</param>
/// <param name="Monitoring">Whether <c>/metrics</c> is there.</param>
internal sealed record AdminOptions(string? Token, IReadOnlyList<string> Hosts, bool Monitoring = true)
{
    /// <summary>A token that can be guessed is none.</summary>
    public const int ShortestToken = 16;
}
