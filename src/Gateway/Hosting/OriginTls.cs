using System.Collections.Concurrent;
using System.Net;
using System.Net.Security;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using CacheGateway.Http;
using CacheGateway.Pipeline;
using CacheGateway.Pipeline.Resilience;

namespace CacheGateway.Hosting;

/// <summary>
/// TLS to an origin, under a name that no client chooses (RFC 6066 3, RFC 9110 4.3.4). The client library asks for the name in the Host field, which where the client's is passed on is
/// whatever anybody writes there: the origin of all would be out of reach for one, and many of those would take it for dead.
/// <code>
/// Host that the configuration writes, or one of --hosts   →  that; a certificate for the destination's name is taken, too
/// any other, destination with a name                      →  the destination's
/// any other, destination by address                       →  the one in Host: there is no other, and what fails says nothing of the destination
/// </code>
/// </summary>
/// <param name="options">Of the cluster.</param>
/// <param name="hosts">Served here, as far as they are named.</param>
internal sealed class OriginTls(SslClientAuthenticationOptions options, ServedHosts hosts)
{
    private const int MostRemembered = 1000;

    /// <summary>Where HTTP/2 was offered beside HTTP/1.1 and not taken, as the client library keeps connections apart: there it offers it no more, and would not know what to do with it.</summary>
    private readonly ConcurrentDictionary<string, bool> _onlyHttp1 = new(StringComparer.OrdinalIgnoreCase);

    /// <exception cref="AuthenticationException">There is no TLS with it, or not under that name.</exception>
    public async ValueTask<Stream> SecureAsync(Stream connection, SocketsHttpConnectionContext context, CancellationToken cancellationToken)
    {
        var request = context.InitialRequestMessage;
        var asked = NameOf(request, context.DnsEndPoint.Host);
        var place = $"{context.DnsEndPoint.Host}:{context.DnsEndPoint.Port} {request.Headers.Host}";
        var protocols = Protocols(request, place);
        var problem = SslPolicyErrors.None;
        var stream = new SslStream(connection);
        try
        {
            await stream.AuthenticateAsClientAsync(With(asked, protocols, errors => problem = errors), cancellationToken);
        }
        catch (Exception exception) when (exception is AuthenticationException or IOException)
        {
            await stream.DisposeAsync();
            // Without the one inside: what is told of it is the innermost, and the name belongs to it.
            var why = problem == SslPolicyErrors.None ? exception.GetBaseException().Message.TrimEnd('.') : $"The remote certificate is invalid: {problem}";
            var message = $"{why} (as {asked.Name})";
            throw asked.IsOfClient && problem == SslPolicyErrors.RemoteCertificateNameMismatch ? new ForeignNameException(message) : new AuthenticationException(message);
        }
        catch
        {
            await stream.DisposeAsync();
            throw;
        }

        if (protocols is { Count: 2 } && stream.NegotiatedApplicationProtocol != SslApplicationProtocol.Http2 && _onlyHttp1.Count < MostRemembered)
        {
            _onlyHttp1.TryAdd(place, true);
        }

        return stream;
    }

    private Asked NameOf(HttpRequestMessage request, string destination)
    {
        if (request.Headers.Host is not { Length: > 0 } host)
        {
            return new Asked(destination, null, IsOfClient: false);
        }

        var forward = request.Options.TryGetValue(ForwardFeature.Key, out var found) ? found : null;
        var isWritten = forward is null || host == forward.WrittenHost || host == forward.DestinationHost;
        var own = forward?.DestinationHost is { } given ? Bare(given) : destination;
        return isWritten || hosts.Names(host) || hosts.Names(Bare(host)) ? new Asked(Bare(host), own, IsOfClient: false)
            : !IPAddress.TryParse(own, out _) ? new Asked(own, null, IsOfClient: false)
            : new Asked(Bare(host), null, IsOfClient: true);
    }

    /// <summary>What is offered (RFC 7301), as the client library would; null = nothing.</summary>
    private List<SslApplicationProtocol>? Protocols(HttpRequestMessage request, string place) => (request.Version.Major >= 2, request.VersionPolicy) switch
    {
        (true, HttpVersionPolicy.RequestVersionOrLower) or (false, HttpVersionPolicy.RequestVersionOrHigher) =>
            _onlyHttp1.ContainsKey(place) ? null : [SslApplicationProtocol.Http2, SslApplicationProtocol.Http11],
        // HTTP/2 and nothing else is asked for first where a WebSocket is to be opened: of a server that has only the other, the library must hear that, and not that there is no TLS.
        (true, _) => [SslApplicationProtocol.Http2, SslApplicationProtocol.Http11],
        _ => null,
    };

    private SslClientAuthenticationOptions With(Asked asked, List<SslApplicationProtocol>? protocols, Action<SslPolicyErrors> seen) => new()
    {
        TargetHost = asked.Name,
        ApplicationProtocols = protocols,
        EnabledSslProtocols = options.EnabledSslProtocols,
        ClientCertificates = options.ClientCertificates,
        ClientCertificateContext = options.ClientCertificateContext,
        LocalCertificateSelectionCallback = options.LocalCertificateSelectionCallback,
        CertificateRevocationCheckMode = options.CertificateRevocationCheckMode,
        CertificateChainPolicy = options.CertificateChainPolicy,
        CipherSuitesPolicy = options.CipherSuitesPolicy,
        RemoteCertificateValidationCallback = (sender, certificate, chain, errors) =>
        {
            seen(errors);
            return options.RemoteCertificateValidationCallback is { } given ? given(sender, certificate, chain, errors)
                : errors == SslPolicyErrors.None
                    || (errors == SslPolicyErrors.RemoteCertificateNameMismatch && asked.Other is { } other && certificate is X509Certificate2 shown && shown.MatchesHostname(other));
        },
    };

    /// <summary>Without the port, and a final dot.</summary>
    private static string Bare(string host) => AuthorityText.WithoutPort(host).Trim('[', ']').TrimEnd('.');

    /// <param name="Name">That the origin is asked for.</param>
    /// <param name="Other">Another that it may prove; null = none.</param>
    /// <param name="IsOfClient">Whether a client chose it.</param>
    private readonly record struct Asked(string Name, string? Other, bool IsOfClient);
}
