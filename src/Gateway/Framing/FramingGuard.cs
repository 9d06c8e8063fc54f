using System.IO.Pipelines;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Core.Features;

namespace CacheGateway.Framing;

/// <summary>
/// Puts a <see cref="GuardedReader"/> between a connection and the server's HTTP/1.1 parser, which accepts more than is safe before an origin that
/// may read it differently. HTTP/2 frames its messages itself and passes by.
/// </summary>
internal static class FramingGuard
{
    /// <param name="listen">The listener; to be called after TLS, whose middleware replaces the transport.</param>
    /// <param name="refused">Is told why a connection is ended.</param>
    public static void UseFramingGuard(this ListenOptions listen, Action<FramingFault> refused) =>
        listen.Use(next => connection =>
        {
            if (connection.Features.Get<ITlsApplicationProtocolFeature>()?.ApplicationProtocol.Span.SequenceEqual("h2"u8) == true)
            {
                return next(connection);
            }

            var reader = new GuardedReader(connection.Transport.Input, refused);
            connection.Transport = new GuardedTransport(reader, connection.Transport.Output);
            connection.Features.Set(new FramingFeature(reader));
            return next(connection);
        });

    private sealed record GuardedTransport(PipeReader Input, PipeWriter Output) : IDuplexPipe;
}
