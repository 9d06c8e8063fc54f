using System.Net;
using System.Net.Sockets;

namespace CacheGateway.FunctionalTests.Infrastructure;

/// <summary>
/// Ports that stay free while their server is away: below those that the system gives to outgoing connections and to listeners that ask for any
/// (from 32768 on), of which another test could get the very same one meanwhile.
/// </summary>
internal static class StandingPort
{
    private const int First = 11_000;
    private const int Count = 10_000;

    private static int _last = Random.Shared.Next(Count);

    /// <summary>A listener, started, on a port that nobody has. Nobody else here gets the same one.</summary>
    public static TcpListener Listener()
    {
        for (var tries = 0; tries < Count; tries++)
        {
            var listener = new TcpListener(IPAddress.Loopback, First + (int)((uint)Interlocked.Increment(ref _last) % Count));
            try
            {
                listener.Start();
                return listener;
            }
            catch (SocketException)
            {
                // Another process has it: the next one.
                listener.Dispose();
            }
        }

        throw new InvalidOperationException($"No port from {First} on is free.");
    }

    /// <summary>
    /// Listens again on a port that a listener was closed on. A process that is being started has a copy of every descriptor for a moment, that of the closed
    /// listener too, and until it has let go the port is taken.
    /// </summary>
    public static TcpListener Again(int port)
    {
        var listener = new TcpListener(IPAddress.Loopback, port);
        return SpinWait.SpinUntil(() => TryStart(listener), TimeSpan.FromSeconds(20)) ? listener : throw new InvalidOperationException($"Port {port} is taken.");
    }

    public static int Number()
    {
        using var listener = Listener();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    private static bool TryStart(TcpListener listener)
    {
        try
        {
            listener.Start();
            return true;
        }
        catch (SocketException taken) when (taken.SocketErrorCode == SocketError.AddressAlreadyInUse)
        {
            return false;
        }
    }
}
