using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace CacheGateway.FunctionalTests.Infrastructure;

/// <summary>An HTTPS origin with a certificate for one name, which says by which name it was asked for. One test owns it.</summary>
internal sealed class SecureOrigin : IAsyncDisposable
{
    private readonly ConcurrentQueue<string> _names = new();
    private readonly X509Certificate2 _certificate;
    private readonly WebApplication _server;
    private int _open;
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("cachegateway-test-origin-");

    private SecureOrigin(string name, HttpProtocols protocols)
    {
        _certificate = Certificate(name);
        TrustFile = Path.Combine(_folder.FullName, "trusted.pem");
        File.WriteAllText(TrustFile, _certificate.ExportCertificatePem());
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel => kestrel.Listen(System.Net.IPAddress.Loopback, 0, listen =>
        {
            listen.Protocols = protocols;
            listen.Use(serve => async connection =>
            {
                Interlocked.Increment(ref _open);
                try
                {
                    await serve(connection);
                }
                finally
                {
                    Interlocked.Decrement(ref _open);
                }
            });
            listen.UseHttps(https => https.ServerCertificateSelector = (_, asked) =>
            {
                _names.Enqueue(asked ?? "");
                return _certificate;
            });
        }));
        _server = builder.Build();
        _server.Run(context => context.Response.WriteAsync($"{context.Request.Protocol} {context.Request.Host}"));
    }

    /// <summary>Names in the TLS handshakes so far; "" = none.</summary>
    public IReadOnlyCollection<string> Names => _names;

    /// <summary>Connections that are open now.</summary>
    public int Open => Volatile.Read(ref _open);

    /// <summary>A file for SSL_CERT_FILE.</summary>
    public string TrustFile { get; }

    public int Port => new Uri(_server.Urls.First()).Port;

    /// <param name="name">That its certificate is for.</param>
    /// <param name="protocols">That it speaks.</param>
    public static async Task<SecureOrigin> StartAsync(string name, HttpProtocols protocols = HttpProtocols.Http1AndHttp2)
    {
        var origin = new SecureOrigin(name, protocols);
        await origin._server.StartAsync();
        return origin;
    }

    public async ValueTask DisposeAsync()
    {
        await _server.DisposeAsync();
        _certificate.Dispose();
        _folder.Delete(recursive: true);
    }

    private static X509Certificate2 Certificate(string name)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest($"CN={name}", key, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        names.AddDnsName(name);
        request.CertificateExtensions.Add(names.Build());
        using var made = request.CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(1));
        // The server wants one whose key it can find again.
        return X509CertificateLoader.LoadPkcs12(made.Export(X509ContentType.Pfx), null);
    }
}
