using System.Net;
using System.Net.Sockets;

namespace CacheGateway.Cli.Demo;

/// <summary>One address that a part of the demo listens on, and where the demo itself reaches it.</summary>
/// <param name="Option">The option it was given by, for messages.</param>
/// <param name="Listen">As the part is told it.</param>
/// <param name="Client">The same as a client writes it.</param>
internal sealed record DemoAddress(string Option, string Listen, Uri Client)
{
    /// <summary>Port 0 stands for any free one.</summary>
    /// <exception cref="DemoException">It is no such address, or somebody else listens there.</exception>
    public static DemoAddress Claim(string option, string text)
    {
        if (!Uri.TryCreate(text, UriKind.Absolute, out var url) || url.Scheme != "http" || url.PathAndQuery != "/" || url.UserInfo.Length > 0)
        {
            throw new DemoException($"{option}: \"{text}\" is not an address for the demo; write it like http://127.0.0.1:8080", RootCommands.BadUsage);
        }

        var ip = IPAddress.TryParse(url.Host.Trim('[', ']'), out var parsed) ? parsed : IPAddress.Loopback;
        try
        {
            using var listener = new TcpListener(ip, url.Port);
            listener.Start();
            var port = ((IPEndPoint)listener.LocalEndpoint).Port;
            var client = ip.Equals(IPAddress.Any) || ip.Equals(IPAddress.IPv6Any) ? "127.0.0.1" : url.Host;
            return new DemoAddress(option, $"http://{url.Host}:{port}", new Uri($"http://{client}:{port}"));
        }
        catch (SocketException exception)
        {
            throw new DemoException(
                $"{option}: cannot listen on {text}: {exception.Message}. Choose another with {option}.", RootCommands.BadUsage);
        }
    }
}
