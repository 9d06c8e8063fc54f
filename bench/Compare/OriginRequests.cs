using System.Globalization;

namespace Compare;

/// <summary>How many requests the origin has seen.</summary>
internal static class OriginRequests
{
    private static readonly HttpClient Http = new();

    public static async Task<long> ReadAsync() =>
        long.Parse(await Http.GetStringAsync($"http://127.0.0.1:{Peers.Origin.Port}/requests"), CultureInfo.InvariantCulture);
}
