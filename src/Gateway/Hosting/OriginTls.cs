using System.Collections.Concurrent;
using System.Net;
using System.Net.Security;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using CacheGateway.Pipeline;
using CacheGateway.Pipeline.Resilience;

namespace CacheGateway.Hosting;

/// <summary>
/// TLS to an origin, under the name of the destination (RFC 6066 3, RFC 9110 4.3.4). The client library asks for the name in the Host field, which where the client's is passed on is
/// whatever anybody writes there: the origin of all would be out of reach for one, and many of those would take it for dead.
/// <code>
/// Host written by the configuration (--origin-host, a transform)  →  that
/// Host of the client, destination with a name                     →  the destination's; a certificate for a host of --hosts is taken, too
/// Host of the client, destination by address                      →  that of the client: there is no other
/// </code>
/// </summary>
/// <param name="options">Of the cluster.</param>
/// <param name="hosts">Served here, as far as they are named.</param>
internal sealed class OriginTls(SslClientAuthenticationOptions options, ServedHosts hosts)
{
    /// <summary>Destinations that were offered HTTP/2 and chose HTTP/1.1: the client library offers it no more, and would not know what to do with it.</summary>
    private readonly ConcurrentDictionary<string, bool> _onlyHttp1 = new(StringComparer.OrdinalIgnoreCase);

    /// <exception cref="AuthenticationException">There is no TLS with it, or not under that name.</exception>
    public async ValueTask<Stream> SecureAsync(Stream connection, SocketsHttpConnectionContext context, CancellationToken cancellationToken)
    {
        var request = context.InitialRequestMessage;
        var destination = context.DnsEndPoint.Host;
        var named = request.Headers.Host is { } host ? NameIn(host) : destination;
        var isOfClient = request.Options.TryGetValue(ForwardFeature.Key, out var forward) && forward.SendsHostOfClient;
        var isByAddress = IPAddress.TryParse(destination, out _);
        var target = isOfClient && !isByAddress ? destination : named;
        var other = target != named && hosts.Names(named) ? named : null;
        var offersHttp2 = request.Version.Major >= 2 && (request.VersionPolicy == HttpVersionPolicy.RequestVersionExact || !_onlyHttp1.ContainsKey(destination));
        var stream = new SslStream(connection);
        try
        {
            await stream.AuthenticateAsClientAsync(With(target, other, offersHttp2, request), cancellationToken);
        }
        catch (Exception exception) when (exception is AuthenticationException or IOException)
        {
            await stream.DisposeAsync();
            // Without the one inside: what is told of it is the innermost, and the name belongs to it.
            var message = $"{exception.Message.TrimEnd('.')} (as {target})";
            throw isOfClient && isByAddress ? new ForeignNameException(message) : new AuthenticationException(message);
        }
        catch
        {
            await stream.DisposeAsync();
            throw;
        }

        if (offersHttp2 && stream.NegotiatedApplicationProtocol != SslApplicationProtocol.Http2)
        {
            _onlyHttp1.TryAdd(destination, true);
        }

        return stream;
    }

    private SslClientAuthenticationOptions With(string target, string? other, bool offersHttp2, HttpRequestMessage request) => new()
    {
        TargetHost = target,
        ApplicationProtocols = !offersHttp2 ? null
            : request.VersionPolicy == HttpVersionPolicy.RequestVersionOrLower ? [SslApplicationProtocol.Http2, SslApplicationProtocol.Http11]
            : [SslApplicationProtocol.Http2],
        EnabledSslProtocols = options.EnabledSslProtocols,
        ClientCertificates = options.ClientCertificates,
        ClientCertificateContext = options.ClientCertificateContext,
        LocalCertificateSelectionCallback = options.LocalCertificateSelectionCallback,
        CertificateRevocationCheckMode = options.CertificateRevocationCheckMode,
        CertificateChainPolicy = options.CertificateChainPolicy,
        CipherSuitesPolicy = options.CipherSuitesPolicy,
        RemoteCertificateValidationCallback = options.RemoteCertificateValidationCallback
            ?? (other is null ? null : (_, certificate, _, errors) => errors == SslPolicyErrors.None
                || (errors == SslPolicyErrors.RemoteCertificateNameMismatch && certificate is X509Certificate2 shown && shown.MatchesHostname(other))),
    };

    /// <summary>Without the port.</summary>
    private static string NameIn(string host)
    {
        var colon = host.LastIndexOf(':');
        return (colon > host.LastIndexOf(']') ? host[..colon] : host).Trim('[', ']');
    }
}
