using System.Net;
using System.Net.Sockets;
using StackExchange.Redis;

namespace CacheGateway.Storage.Redis;

/// <summary>
/// Looks whether a Redis that was lost is there again. The client library looks once a second and may need several; until then every invalidation
/// waits in the journal, and other nodes wait for this one. Made once per gateway; each look is a connection of its own, closed at once.
/// </summary>
internal sealed class RedisScout(ConfigurationOptions options)
{
    private static readonly TimeSpan LeastPause = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan MostPause = TimeSpan.FromMilliseconds(500);
    private static readonly TimeSpan LongestLook = TimeSpan.FromMilliseconds(500);

    /// <summary>Between two looks: short after a short outage, and no more than two looks a second at a server that has been away for long.</summary>
    public static TimeSpan PauseAfter(TimeSpan outage) => TimeSpan.FromTicks(Math.Clamp(outage.Ticks / 20, LeastPause.Ticks, MostPause.Ticks));

    /// <summary>
    /// Whether one of the addresses takes connections and answers. A hung server takes connections too, and one that is loading its data answers
    /// that it does: neither counts. Behind TLS only the connection is looked at.
    /// </summary>
    public async Task<bool> IsThereAsync(CancellationToken stopping)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(stopping);
        limit.CancelAfter(LongestLook);
        var looks = options.EndPoints.Select(endPoint => LookAsync(endPoint, limit.Token)).ToList();
        while (looks.Count > 0)
        {
            var look = await Task.WhenAny(looks);
            if (await look)
            {
                await limit.CancelAsync();
                return true;
            }

            looks.Remove(look);
        }

        return false;
    }

    private async Task<bool> LookAsync(EndPoint endPoint, CancellationToken limit)
    {
        try
        {
            // There may be no descriptor left for it: not there, this time.
            using var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
            await socket.ConnectAsync(endPoint, limit);
            if (options.Ssl)
            {
                return true;
            }

            // Without a password it is refused, and that is an answer as well.
            await socket.SendAsync("PING\r\n"u8.ToArray(), limit);
            var answer = new byte[16];
            var length = await socket.ReceiveAsync(answer, limit);
            return length > 0 && !answer.AsSpan(0, length).StartsWith("-LOADING"u8);
        }
        catch (Exception exception) when (exception is SocketException or OperationCanceledException)
        {
            return false;
        }
    }
}
