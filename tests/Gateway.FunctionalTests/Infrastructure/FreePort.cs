using System.Net;
using System.Net.Sockets;

namespace CacheGateway.FunctionalTests.Infrastructure;

internal static class FreePort
{
    /// <summary>An address that nobody listens on at this moment.</summary>
    public static string Address()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return $"http://127.0.0.1:{((IPEndPoint)listener.LocalEndpoint).Port}";
    }
}
