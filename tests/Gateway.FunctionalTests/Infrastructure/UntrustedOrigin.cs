using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace CacheGateway.FunctionalTests.Infrastructure;

/// <summary>An HTTPS origin whose certificate nobody trusts: no client comes further than that. One test owns it.</summary>
internal sealed class UntrustedOrigin : IAsyncDisposable
{
    private readonly TcpListener _listener = StandingPort.Listener();
    private readonly X509Certificate2 _certificate = SelfSigned();
    private readonly Task _accepting;
    private int _accepted;

    private UntrustedOrigin()
    {
        Address = new Uri($"https://localhost:{((IPEndPoint)_listener.LocalEndpoint).Port}");
        _accepting = AcceptAsync();
    }

    public Uri Address { get; }

    /// <summary>Connections accepted so far.</summary>
    public int Accepted => Volatile.Read(ref _accepted);

    public static UntrustedOrigin Start() => new();

    public async ValueTask DisposeAsync()
    {
        _listener.Stop();
        await _accepting;
        _certificate.Dispose();
    }

    private static X509Certificate2 SelfSigned()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        return new CertificateRequest("CN=localhost", key, HashAlgorithmName.SHA256).CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(1));
    }

    private async Task AcceptAsync()
    {
        try
        {
            while (true)
            {
                using var socket = await _listener.AcceptSocketAsync();
                Interlocked.Increment(ref _accepted);
                await GreetAsync(socket);
            }
        }
        catch (Exception stopped) when (stopped is SocketException or ObjectDisposedException or InvalidOperationException)
        {
            // The listener was stopped.
        }
    }

    private async Task GreetAsync(Socket socket)
    {
        try
        {
            await using var stream = new SslStream(new NetworkStream(socket));
            await stream.AuthenticateAsServerAsync(_certificate);
            // The server's part of TLS 1.3 is over before the client has looked at the certificate.
            Assert.Equal(0, await stream.ReadAsync(new byte[1]));
        }
        catch (Exception refused) when (refused is IOException or AuthenticationException)
        {
            // The client takes none of it.
        }
    }
}
