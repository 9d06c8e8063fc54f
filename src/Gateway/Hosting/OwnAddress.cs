using System.Net;
using System.Net.Sockets;

namespace CacheGateway.Hosting;

/// <summary>Addresses of this gateway: which of them an origin would be, and which of them the system refuses.</summary>
internal static class OwnAddress
{
    /// <summary>The listener that a request to <paramref name="origin"/> would come back to, as far as that can be seen without asking names; null = none.</summary>
    public static string? Of(string origin, IEnumerable<string> listeners)
    {
        var asked = new Uri(origin);
        return listeners.FirstOrDefault(listener => Uri.TryCreate(Listener.WithoutWildcard(listener), UriKind.Absolute, out var own) && own.Port == asked.Port && Meets(own, asked));
    }

    /// <summary>Whether two listeners cannot be there together because they are one; port 0 is another each time.</summary>
    public static bool IsSame(string listener, string other) =>
        Uri.TryCreate(Listener.WithoutWildcard(listener), UriKind.Absolute, out var one) && Uri.TryCreate(Listener.WithoutWildcard(other), UriKind.Absolute, out var two)
        && one.Port == two.Port && one.Port != 0 && (string.Equals(one.Host, two.Host, StringComparison.OrdinalIgnoreCase) || (IsAny(one) && IsAny(two)));

    /// <summary>The first listener whose address cannot be bound for that reason; null where the system has changed its mind.</summary>
    public static Listener? Refused(IEnumerable<Listener> listeners, SocketError reason) => listeners.FirstOrDefault(listener => listener.Addresses.Any(address => Bind(address, listener.Url.Port) == reason));

    private static bool Meets(Uri own, Uri asked) =>
        string.Equals(own.Host, asked.Host, StringComparison.OrdinalIgnoreCase)
        || (IsAny(own) && asked.IsLoopback)
        || (IsName(own) && asked.IsLoopback && IsUsualLoopback(asked))
        || (IsName(asked) && own.IsLoopback && IsUsualLoopback(own));

    private static bool IsAny(Uri url) => IPAddress.TryParse(url.Host.Trim('[', ']'), out var address) && (address.Equals(IPAddress.Any) || address.Equals(IPAddress.IPv6Any));

    private static bool IsName(Uri url) => string.Equals(url.Host, "localhost", StringComparison.OrdinalIgnoreCase);

    /// <summary>What localhost stands for.</summary>
    private static bool IsUsualLoopback(Uri url) => IPAddress.TryParse(url.Host.Trim('[', ']'), out var address) && (address.Equals(IPAddress.Loopback) || address.Equals(IPAddress.IPv6Loopback));

    private static SocketError Bind(IPAddress address, int port)
    {
        try
        {
            using var socket = new Socket(address.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
            if (address.Equals(IPAddress.IPv6Any))
            {
                // As the server binds it.
                socket.DualMode = true;
            }

            socket.Bind(new IPEndPoint(address, port));
            return SocketError.Success;
        }
        catch (SocketException exception)
        {
            return exception.SocketErrorCode;
        }
    }
}
