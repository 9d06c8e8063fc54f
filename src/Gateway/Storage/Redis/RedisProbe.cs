using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using StackExchange.Redis;

namespace CacheGateway.Storage.Redis;

/// <summary>
/// Why there is no connection to Redis, in the words of whoever refuses it. The client library says "unable to connect" to a wrong password, a certificate that nobody
/// trusts and a port where nobody listens alike; so one connection goes the way by itself, after an attempt of the library failed and twice a minute at most.
/// Made once per gateway.
/// </summary>
internal sealed class RedisProbe(ConfigurationOptions options, string? user)
{
    private const long PauseMs = 30_000;
    private static readonly TimeSpan LongestLook = TimeSpan.FromSeconds(5);

    private string? _cause;
    private long _askedAt = -PauseMs;

    /// <summary>There was a connection: whatever was found is over.</summary>
    public void Forget() => Volatile.Write(ref _askedAt, -PauseMs);

    /// <summary>What stands in the way at the first address that has something; null where nothing was found.</summary>
    public async Task<string?> CauseAsync(CancellationToken stopping)
    {
        var now = Environment.TickCount64;
        if (now - Volatile.Read(ref _askedAt) < PauseMs)
        {
            return Volatile.Read(ref _cause);
        }

        Volatile.Write(ref _askedAt, now);
        var causes = await Task.WhenAll(options.EndPoints.Select(endPoint => LookAsync(endPoint, stopping)));
        var cause = causes.OfType<string>().FirstOrDefault();
        Volatile.Write(ref _cause, cause);
        return cause;
    }

    private async Task<string?> LookAsync(EndPoint endPoint, CancellationToken stopping)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(stopping);
        limit.CancelAfter(LongestLook);
        try
        {
            using var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
            await socket.ConnectAsync(endPoint, limit.Token);
            await using var stream = new NetworkStream(socket);
            return options.Ssl ? await SecurelyAsync(stream, endPoint, limit.Token) : await AskAsync(stream, limit.Token);
        }
        catch (OperationCanceledException)
        {
            return stopping.IsCancellationRequested ? null : RedisCause.NoAnswer;
        }
        catch (SocketException exception)
        {
            return exception.Message;
        }
        catch (IOException exception)
        {
            return exception.InnerException is SocketException broken ? broken.Message : exception.Message;
        }
    }

    private async Task<string?> SecurelyAsync(Stream inner, EndPoint endPoint, CancellationToken limit)
    {
        string? distrust = null;
        await using var stream = new SslStream(inner, leaveInnerStreamOpen: true, (_, _, chain, errors) =>
        {
            distrust = errors == SslPolicyErrors.None ? null : RedisCause.OfCertificate(errors, chain?.ChainStatus.FirstOrDefault().Status ?? X509ChainStatusFlags.NoError);
            return distrust is null;
        });
        try
        {
            await stream.AuthenticateAsClientAsync(
                new SslClientAuthenticationOptions { TargetHost = options.SslHost ?? (endPoint is DnsEndPoint name ? name.Host : ((IPEndPoint)endPoint).Address.ToString()) }, limit);
        }
        catch (Exception exception) when (exception is AuthenticationException or IOException)
        {
            return distrust ?? RedisCause.NoTls(exception.Message);
        }
        catch (OperationCanceledException)
        {
            // A Redis without TLS takes the handshake for the beginning of a command, and waits for the rest.
            return RedisCause.NoTls("no answer");
        }

        return await AskAsync(stream, limit);
    }

    /// <summary>Signs in as the library would, and asks for the time.</summary>
    private async Task<string?> AskAsync(Stream stream, CancellationToken limit)
    {
        string[] signIn = options.Password is not { Length: > 0 } password ? [] : user is null ? ["AUTH", password] : ["AUTH", user, password];
        await stream.WriteAsync(Encoding.UTF8.GetBytes((signIn.Length > 0 ? Command(signIn) : "") + Command("TIME")), limit);
        var answer = new byte[1024];
        var length = 0;
        while (length < answer.Length && !RedisCause.IsEnough(answer.AsSpan(0, length)))
        {
            var read = await stream.ReadAsync(answer.AsMemory(length), limit);
            if (read == 0)
            {
                break;
            }

            length += read;
        }

        return RedisCause.OfAnswer(answer.AsSpan(0, length));
    }

    private static string Command(params string[] words) =>
        $"*{words.Length}\r\n" + string.Concat(words.Select(word => $"${Encoding.UTF8.GetByteCount(word)}\r\n{word}\r\n"));
}
