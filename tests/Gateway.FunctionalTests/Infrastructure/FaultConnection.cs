using System.Net;
using System.Net.Sockets;

namespace CacheGateway.FunctionalTests.Infrastructure;

/// <summary>One connection through a <see cref="FaultProxy"/>: two sockets, two pumps. FIN goes through as FIN, any other end as RST.</summary>
internal sealed class FaultConnection(Socket client, FaultLine toServer, FaultLine toClient, Action onReset) : IDisposable
{
    private readonly Socket _server = new(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };

    public async Task RunAsync(int target, CancellationToken stopping)
    {
        client.NoDelay = true;
        await _server.ConnectAsync(IPAddress.Loopback, target, stopping);
        var there = PumpAsync(client, _server, toServer, stopping);
        var back = PumpAsync(_server, client, toClient, stopping);
        // A pump that fails has reset both sockets, which ends the other one.
        await Task.WhenAll(there, back);
    }

    /// <summary>RST on both sides.</summary>
    public void Reset()
    {
        client.Close(0);
        _server.Close(0);
    }

    public void Dispose()
    {
        client.Dispose();
        _server.Dispose();
    }

    private async Task PumpAsync(Socket from, Socket to, FaultLine line, CancellationToken stopping)
    {
        var buffer = new byte[64 * 1024];
        var passage = line.Begin();
        try
        {
            int count;
            while ((count = await from.ReceiveAsync(buffer, stopping)) > 0)
            {
                if (!await passage.PassAsync(buffer.AsMemory(0, count), to, stopping))
                {
                    if (passage.EndsWithReset)
                    {
                        onReset();
                        Reset();
                    }
                    else
                    {
                        to.Shutdown(SocketShutdown.Send);
                        from.Shutdown(SocketShutdown.Receive);
                    }

                    return;
                }
            }

            await line.Released.WaitAsync(stopping);
            to.Shutdown(SocketShutdown.Send);
        }
        catch
        {
            Reset();
            throw;
        }
    }
}
