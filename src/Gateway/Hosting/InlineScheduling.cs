namespace CacheGateway.Hosting;

/// <summary>
/// Whether what a socket received is handled on the thread that was told of it, without a turn of the thread pool in between: it saves a hit a
/// part of its cost, and makes handshakes and misses wait for each other where processors are few. So it is off, unless the environment says
/// DOTNET_SYSTEM_NET_SOCKETS_INLINE_COMPLETIONS=1, which is the runtime's own switch; Kestrel's half goes with it.
/// </summary>
internal static class InlineScheduling
{
    public static void Configure(IWebHostBuilder host)
    {
        if (Environment.GetEnvironmentVariable("DOTNET_SYSTEM_NET_SOCKETS_INLINE_COMPLETIONS") is "1" or "true")
        {
            host.UseSockets(sockets => sockets.UnsafePreferInlineScheduling = true);
        }
    }
}
