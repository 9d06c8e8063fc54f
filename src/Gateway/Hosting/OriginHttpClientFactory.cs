using CacheGateway.Pipeline;
using Yarp.ReverseProxy.Forwarder;

namespace CacheGateway.Hosting;

/// <summary>YARP's clients of the origin, with this gateway's limits.</summary>
internal sealed class OriginHttpClientFactory(GatewaySettings settings, ServedHosts hosts, TimeProvider time) : ForwarderHttpClientFactory
{
    private static readonly TimeSpan LongestLife = TimeSpan.FromMinutes(5);

    protected override void ConfigureHandler(ForwarderHttpClientContext context, SocketsHttpHandler handler)
    {
        base.ConfigureHandler(context, handler);
        // Through a proxy the connection is to that, and the client library itself speaks TLS to the origin behind it.
        var tls = handler.UseProxy ? null : new OriginTls(handler.SslOptions, hosts);
        handler.ConnectCallback = (connection, cancellationToken) => OriginConnection.OpenAsync(connection, tls, cancellationToken);
        handler.ConnectTimeout = settings.OriginConnectTimeout;
        handler.PooledConnectionIdleTimeout = KeptHosts.Idle;
        // A name may move while the old address still answers: what was connected before follows it some minutes later.
        handler.PooledConnectionLifetime = LongestLife;
        handler.ResponseHeaderEncodingSelector = (_, _) => System.Text.Encoding.Latin1;
        handler.RequestHeaderEncodingSelector = (_, _) => System.Text.Encoding.Latin1;
        // A cache asks for what it was asked for, nothing else: no tracing headers invented, no redirects, cookies or decompression.
        handler.ActivityHeadersPropagator = null;
        handler.PlaintextStreamFilter = (filter, _) => OriginConnection.WatchAsync(filter, time);
    }

    protected override HttpMessageHandler WrapHandler(ForwarderHttpClientContext context, HttpMessageHandler handler) =>
        new ExchangeHandler(new InventedHostHandler(hosts, new KeptHosts(time), base.WrapHandler(context, handler)));
}
