namespace CacheGateway.Hosting;

/// <summary>
/// What a socket received is handled on the thread that was told of it, without a turn of the thread pool in between: a fifth of what a hit costs.
/// It asks that nothing behind an await ever blocks, and nothing here does. DOTNET_SYSTEM_NET_SOCKETS_INLINE_COMPLETIONS=0 in the environment
/// switches it off.
/// </summary>
internal static class InlineScheduling
{
    private const string Variable = "DOTNET_SYSTEM_NET_SOCKETS_INLINE_COMPLETIONS";

    /// <summary>The runtime's half. Must come before the first socket is made: the variable is read once.</summary>
    public static void Prepare()
    {
        if (Environment.GetEnvironmentVariable(Variable) is null)
        {
            Environment.SetEnvironmentVariable(Variable, "1");
        }
    }

    /// <summary>Kestrel's half, which goes with the other: an application that embeds the gateway decides for itself.</summary>
    public static void Configure(IWebHostBuilder host)
    {
        if (Environment.GetEnvironmentVariable(Variable) is "1" or "true")
        {
            host.UseSockets(sockets => sockets.UnsafePreferInlineScheduling = true);
        }
    }
}
