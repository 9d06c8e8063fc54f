namespace CacheGateway.Hosting;

/// <summary>
/// Whether what a socket received is handled on the thread that was told of it, without a turn of the thread pool in between.
/// </summary>
internal static class InlineScheduling
{
    private const string Variable = "DOTNET_SYSTEM_NET_SOCKETS_INLINE_COMPLETIONS";

    /// <summary>Must come before the first socket is made: the runtime reads it once.</summary>
    public static void Prepare()
    {
        if (Environment.GetEnvironmentVariable("CACHEGATEWAY__INLINE") == "all")
        {
            Environment.SetEnvironmentVariable(Variable, "1");
        }
    }

    /// <summary>Kestrel's own half.</summary>
    public static void Configure(IWebHostBuilder host)
    {
        if (Environment.GetEnvironmentVariable("CACHEGATEWAY__INLINE") is "all" or "app")
        {
            host.UseSockets(sockets => sockets.UnsafePreferInlineScheduling = true);
        }
    }
}
