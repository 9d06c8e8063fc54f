namespace CacheGateway.FunctionalTests.Warming;

internal static class ClientsOfHosts
{
    /// <summary>GET with a Host of its own.</summary>
    public static async Task<RawResponse> AskAsync(this GatewayEnvironment env, string host, string target)
    {
        await using var client = await env.ConnectAsync();
        await client.SendAsync($"GET {target} HTTP/1.1\r\nHost: {host}\r\n\r\n");
        return await client.ReadAsync("GET");
    }
}
