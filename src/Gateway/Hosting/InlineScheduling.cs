using System.Net;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;
using Microsoft.Extensions.Options;

namespace CacheGateway.Hosting;

/// <summary>
/// A request for what lies in memory is answered on the thread that was told of its arrival, without a turn of the thread pool in between, which is about a
/// fifth of what a hit costs. Everything that takes longer goes to the pool as ever: connections with TLS and those of the admin listener have a
/// transport of the usual kind, what is neither a hit nor a plain miss leaves in <see cref="Pipeline.EventThreadMiddleware"/>, and what an origin sends in
/// <see cref="OriginConnection"/>.
/// </summary>
internal static class InlineScheduling
{
    /// <summary>The runtime's own switch, read once, with the first socket of the process. An operator who sets it to 0 has it all as the runtime has it by default.</summary>
    private const string Variable = "DOTNET_SYSTEM_NET_SOCKETS_INLINE_COMPLETIONS";

    public static void Configure(IServiceCollection services)
    {
        if (Environment.GetEnvironmentVariable(Variable) is null)
        {
            Environment.SetEnvironmentVariable(Variable, "1");
        }

        if (Environment.GetEnvironmentVariable(Variable) == "1")
        {
            services.AddSingleton<IConnectionListenerFactory, InlineTransport>();
        }
    }

    /// <summary>The server asks every transport whether it is for an address, the last registered first.</summary>
    private sealed class InlineTransport(Listeners listeners, IOptions<SocketTransportOptions> usual, ILoggerFactory logs)
        : IConnectionListenerFactory, IConnectionListenerFactorySelector
    {
        private readonly SocketTransportFactory _sockets = new(Options.Create(Inline(usual.Value)), logs);

        public bool CanBind(EndPoint endpoint) => listeners.IsInline(endpoint);

        public ValueTask<IConnectionListener> BindAsync(EndPoint endpoint, CancellationToken cancellationToken = default) =>
            _sockets.BindAsync(endpoint, cancellationToken);

        private static SocketTransportOptions Inline(SocketTransportOptions usual) => new()
        {
            Backlog = usual.Backlog,
            CreateBoundListenSocket = usual.CreateBoundListenSocket,
            IOQueueCount = usual.IOQueueCount,
            MaxReadBufferSize = usual.MaxReadBufferSize,
            MaxWriteBufferSize = usual.MaxWriteBufferSize,
            NoDelay = usual.NoDelay,
            WaitForDataBeforeAllocatingBuffer = usual.WaitForDataBeforeAllocatingBuffer,
            UnsafePreferInlineScheduling = true,
        };
    }
}
