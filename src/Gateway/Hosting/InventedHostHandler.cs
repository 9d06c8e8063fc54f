using System.Net;
using CacheGateway.Http;
using CacheGateway.Pipeline;

namespace CacheGateway.Hosting;

/// <summary>
/// The client library has connections of its own for each Host that an https origin is asked by, and keeps them for a minute. What clients may invent must not leave thousands of them idle: those of
/// hosts that no configuration names are kept for <see cref="KeptHosts.Most"/> at once; beyond it a request has a connection to itself.
/// </summary>
/// <param name="hosts">Served here, as far as they are named.</param>
/// <param name="kept">Of this cluster.</param>
/// <param name="inner">What sends.</param>
internal sealed class InventedHostHandler(ServedHosts hosts, KeptHosts kept, HttpMessageHandler inner) : DelegatingHandler(inner)
{
    protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        // Streams by their nature may need HTTP/2, and are open all the time.
        if (request is { RequestUri.Scheme: "https", Headers.Host: { Length: > 0 } host } && request.Options.TryGetValue(ForwardFeature.Key, out var forward) && !forward.IsEndless
            && !IsNamed(forward, request.RequestUri, host) && !kept.Keeps(AuthorityText.WithoutPort(host)))
        {
            request.Headers.ConnectionClose = true;
            if (request.Version.Major > 1 && request.VersionPolicy == HttpVersionPolicy.RequestVersionOrLower)
            {
                // One of HTTP/2 would be kept all the same.
                request.Version = HttpVersion.Version11;
            }
        }

        return base.SendAsync(request, cancellationToken);
    }

    /// <summary>In small letters: the library takes each spelling for another host.</summary>
    private bool IsNamed(ForwardFeature forward, Uri destination, string host) =>
        host == forward.WrittenHost || host == forward.DestinationHost || AuthorityText.WithoutPort(host) == destination.Host
        || (hosts.Names(host) && !host.AsSpan().ContainsAnyInRange('A', 'Z'));
}
