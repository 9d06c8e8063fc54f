using System.Net;
using System.Net.Sockets;
using CacheGateway.Diagnostics;
using CacheGateway.Framing;
using CacheGateway.Interim;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace CacheGateway.Hosting;

/// <summary>
/// The addresses the gateway listens on, by role. A connection keeps the role of the listener that took it, so that the admin API can never
/// be reached through a public one whatever a Host header says.
/// </summary>
internal sealed class Listeners
{
    private Listeners(IReadOnlyList<Listener> all, OpenConnections connections)
    {
        All = all;
        Connections = connections;
    }

    public IReadOnlyList<Listener> All { get; }

    /// <summary>Whether an address that the server binds is that of a listener whose hits are answered inline.</summary>
    public bool IsInline(EndPoint endpoint) => endpoint is InlineEndPoint
        // Kestrel makes the addresses of localhost itself: these two.
        || (endpoint is IPEndPoint address && (address.Address.Equals(IPAddress.Loopback) || address.Address.Equals(IPAddress.IPv6Loopback)) && All.Any(listener => listener.IsInline && listener.IsLocalhost && listener.Url.Port == address.Port));

    /// <summary>Connections of the public ones.</summary>
    public OpenConnections Connections { get; }

    /// <summary>Connections of the admin ones.</summary>
    public OpenConnections AdminConnections { get; } = new(FileLimits.AdminConnections(FileLimits.Descriptors()));

    /// <exception cref="SettingsException">An address that is none; the message names it and what would be right.</exception>
    public static Listeners Parse(GatewaySettings settings) => new(
    [
        .. settings.Urls.Select(url => Listener.Parse("--urls", url, ListenerRole.Public, HttpProtocols.Http1AndHttp2) with { Interim = settings.InterimResponses }),
        .. settings.H2cUrls.Select(url => Listener.Parse("--h2c-urls", url, ListenerRole.Public, HttpProtocols.Http2)),
        .. settings.AdminUrls.Select(url => Listener.Parse("--admin-urls", url, ListenerRole.Admin, HttpProtocols.Http1AndHttp2)),
    ],
    new OpenConnections(settings.MaxConnections ?? FileLimits.Connections(settings.OriginRequests, FileLimits.Descriptors())));
}

internal enum ListenerRole
{
    Public,
    Admin,
}

/// <summary>The address of a listener whose hits are answered inline: two addresses with port 0 look alike.</summary>
internal sealed class InlineEndPoint(IPAddress address, int port) : IPEndPoint(address, port);

/// <summary>Marks a connection of the admin listener.</summary>
internal sealed class AdminConnectionFeature
{
    public static readonly AdminConnectionFeature Instance = new();
}

/// <param name="Option">That chooses it.</param>
/// <param name="Url">Its address.</param>
/// <param name="Role">What is served there.</param>
/// <param name="Protocols">That it speaks.</param>
internal sealed record Listener(string Option, Uri Url, ListenerRole Role, HttpProtocols Protocols)
{
    /// <summary>Whether interim responses may go out here.</summary>
    public bool Interim { get; init; }

    public bool IsLocalhost => IsNamedLocalhost(Url);

    /// <summary>That the server binds for it.</summary>
    public IPAddress[] Addresses => !IsLocalhost ? [IPAddress.Parse(Url.Host.Trim('[', ']'))] : Url.Port == 0 ? [IPAddress.Loopback] : [IPAddress.Loopback, IPAddress.IPv6Loopback];

    /// <summary>Without TLS and HTTP/2, whose work may be long or is scheduled by stream, and for clients.</summary>
    public bool IsInline => Role == ListenerRole.Public && Protocols == HttpProtocols.Http1 && Url.Scheme == "http";

    /// <param name="option">That chooses it.</param>
    /// <param name="url">Its address, which a reader of settings has seen before.</param>
    /// <param name="role">What is served there.</param>
    /// <param name="protocols">That it speaks; those of TLS are left to it.</param>
    /// <exception cref="SettingsException">It is no address.</exception>
    public static Listener Parse(string option, string url, ListenerRole role, HttpProtocols protocols)
    {
        var address = Address(option, url);
        return new Listener(option, address, role, protocols == HttpProtocols.Http1AndHttp2 && address.Scheme != "https" ? HttpProtocols.Http1 : protocols);
    }

    /// <param name="name">Of the setting, where it stands.</param>
    /// <param name="url">Its value, or a part of it.</param>
    /// <exception cref="SettingsException">It is no address to listen on.</exception>
    public static Uri Address(string name, string url) =>
        Uri.TryCreate(WithoutWildcard(url), UriKind.Absolute, out var parsed)
            && parsed.Scheme is "http" or "https" && parsed.PathAndQuery == "/"
            && (parsed.HostNameType is UriHostNameType.IPv4 or UriHostNameType.IPv6 || IsNamedLocalhost(parsed))
            ? parsed
            : throw new SettingsException($"{name}: \"{url}\" is not an address to listen on; write it like http://127.0.0.1:8080, with an IP address, localhost or * for all");

    /// <summary>"*" and "+" stand for every address, as "[::]" does, which the server binds for both families; for those of IPv4 where the system has no other.</summary>
    public static string WithoutWildcard(string url)
    {
        var all = Socket.OSSupportsIPv6 ? "://[::]" : "://0.0.0.0";
        return url.Replace("://*", all, StringComparison.Ordinal).Replace("://+", all, StringComparison.Ordinal);
    }

    /// <param name="kestrel">The server.</param>
    /// <param name="connections">Of its role.</param>
    public void Bind(KestrelServerOptions kestrel, OpenConnections connections)
    {
        void Configure(ListenOptions listen) => this.Configure(listen, connections);
        if (IsLocalhost && Url.Port != 0)
        {
            kestrel.ListenLocalhost(Url.Port, Configure);
        }
        else
        {
            var address = Addresses[0];
            kestrel.Listen(IsInline ? new InlineEndPoint(address, Url.Port) : new IPEndPoint(address, Url.Port), Configure);
        }
    }

    /// <summary>A client that came by IPv4 is called so, to origins (X-Forwarded-For) and in the audit: not by the form it has on a socket of both families.</summary>
    private static ConnectionDelegate NameByFamily(ConnectionDelegate inner) => connection =>
    {
        connection.RemoteEndPoint = OfItsFamily(connection.RemoteEndPoint);
        connection.LocalEndPoint = OfItsFamily(connection.LocalEndPoint);
        return inner(connection);
    };

    private static EndPoint? OfItsFamily(EndPoint? endpoint) =>
        endpoint is IPEndPoint { Address.IsIPv4MappedToIPv6: true } mapped ? new IPEndPoint(mapped.Address.MapToIPv4(), mapped.Port) : endpoint;

    private static bool IsNamedLocalhost(Uri url) => string.Equals(url.Host, "localhost", StringComparison.OrdinalIgnoreCase);

    private void Configure(ListenOptions listen, OpenConnections connections)
    {
        listen.Protocols = Protocols;
        if (Addresses is [var address] && address.Equals(IPAddress.IPv6Any))
        {
            listen.Use(NameByFamily);
        }

        listen.Use(connections.Limit);
        if (Url.Scheme == "https")
        {
            listen.UseHttps();
        }

        if (Protocols != HttpProtocols.Http2)
        {
            var metrics = listen.ApplicationServices.GetRequiredService<GatewayMetrics>();
            listen.UseFramingGuard(fault => metrics.Refused(fault.ToString()));
        }

        if (Interim)
        {
            // After TLS, whose middleware replaces the transport.
            listen.Use(inner => connection =>
            {
                connection.Features.Set(new InterimOutputFeature(connection));
                return inner(connection);
            });
        }

        if (Role == ListenerRole.Admin)
        {
            listen.Use(inner => connection =>
            {
                connection.Features.Set(AdminConnectionFeature.Instance);
                return inner(connection);
            });
        }
    }
}

/// <summary>Settings that cannot work: one line for each, for the person who wrote it.</summary>
public sealed class SettingsException(IReadOnlyList<string> errors) : Exception(string.Join('\n', errors))
{
    public SettingsException(string error)
        : this([error])
    {
    }

    public IReadOnlyList<string> Errors { get; } = errors;
}
