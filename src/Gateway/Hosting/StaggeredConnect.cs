using System.Net;
using System.Net.Sockets;

namespace CacheGateway.Hosting;

/// <summary>
/// Connects to one of several addresses (RFC 8305 5): in their order, the next one when the last has failed or been silent for a moment. The first that
/// connects is taken, the others are given up. One after the other, a first that is silent would take all the time there is.
/// </summary>
internal static class StaggeredConnect
{
    private static readonly TimeSpan Stagger = TimeSpan.FromMilliseconds(250);

    /// <summary>How long what was sent may go without a sign of the other side; longer than any limit on an answer that is set by default.</summary>
    private const int UnansweredMs = 60_000;

    /// <exception cref="SocketException">None connected: the code is that of the first that failed, the text names each.</exception>
    public static async Task<Socket> ToAnyAsync(IEnumerable<IPAddress> addresses, int port, TimeProvider time, CancellationToken cancellationToken)
    {
        using var over = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var left = new Queue<IPAddress>(addresses);
        var attempts = new List<Task<Attempt>>();
        var failures = new List<Attempt>();
        try
        {
            while (left.Count + attempts.Count > 0)
            {
                if (left.TryDequeue(out var next))
                {
                    attempts.Add(AttemptAsync(next, port, over.Token));
                }

                var ended = await FirstAsync(attempts, left.Count > 0 ? Stagger : Timeout.InfiniteTimeSpan, time);
                if (ended is null)
                {
                    continue;
                }

                attempts.Remove(ended);
                var attempt = await ended;
                if (attempt.Socket is { } socket)
                {
                    return socket;
                }

                failures.Add(attempt);
            }
        }
        catch (OperationCanceledException)
        {
            // Nobody else cancels before one is connected; by its own token the caller knows it again.
            throw new OperationCanceledException(cancellationToken);
        }
        finally
        {
            over.Cancel();
            attempts.ForEach(static attempt => attempt.ContinueWith(
                static late => late.Result.Socket?.Dispose(), CancellationToken.None, TaskContinuationOptions.OnlyOnRanToCompletion, TaskScheduler.Default));
        }

        throw new SocketException(
            (int)(failures is [var first, ..] ? first.Failure!.SocketErrorCode : SocketError.HostNotFound),
            string.Join("; ", failures.Select(failed => $"{failed.Address}: {failed.Failure!.Message}")));
    }

    /// <summary>The first attempt that ended, or null where none did in time.</summary>
    private static async Task<Task<Attempt>?> FirstAsync(List<Task<Attempt>> attempts, TimeSpan limit, TimeProvider time)
    {
        using var ended = new CancellationTokenSource();
        var first = await Task.WhenAny([.. attempts, Task.Delay(limit, time, ended.Token)]);
        ended.Cancel();
        return first as Task<Attempt>;
    }

    private static async Task<Attempt> AttemptAsync(IPAddress address, int port, CancellationToken cancellationToken)
    {
        Socket? socket = null;
        try
        {
            socket = new Socket(address.AddressFamily, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
            NoticeDeath(socket);
            await socket.ConnectAsync(new IPEndPoint(address, port), cancellationToken);
            return new Attempt(address, socket, null);
        }
        catch (SocketException exception)
        {
            socket?.Dispose();
            return new Attempt(address, null, exception);
        }
        catch
        {
            socket?.Dispose();
            throw;
        }
    }

    /// <summary>
    /// A host that is gone without a word (power, a NAT that forgot) is noticed within about a minute, whether somebody waits for its answer or nobody says anything: a stream of events would
    /// be silent for a day, and over HTTP/2 every request would go into the same dead connection until the system gives it up, which takes a quarter of an hour.
    /// </summary>
    private static void NoticeDeath(Socket socket)
    {
        SilentPeers.Notice(socket);
        if (OperatingSystem.IsLinux())
        {
            // RFC 5482; 6 and 18 are IPPROTO_TCP and TCP_USER_TIMEOUT.
            socket.SetRawSocketOption(6, 18, BitConverter.GetBytes(UnansweredMs));
        }
    }

    /// <param name="Address">Where to.</param>
    /// <param name="Socket">Connected, or null.</param>
    /// <param name="Failure">Why not.</param>
    private sealed record Attempt(IPAddress Address, Socket? Socket, SocketException? Failure);
}
