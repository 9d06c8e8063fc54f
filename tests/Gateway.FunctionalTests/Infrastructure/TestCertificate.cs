using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Microsoft.AspNetCore.Builder;

namespace CacheGateway.FunctionalTests.Infrastructure;

/// <summary>A certificate of its own for the TLS listeners of one test, and the client that takes it.</summary>
internal sealed class TestCertificate : IDisposable
{
    private const string Password = "only for this test";

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("cachegateway-test-tls-");

    /// <summary>Takes any certificate; its target is localhost.</summary>
    public static SslClientAuthenticationOptions Trusting() => new()
    {
        TargetHost = "localhost",
#pragma warning disable CA5359 // The certificate was made for this test a moment ago; what is tested is the protocol.
        RemoteCertificateValidationCallback = (_, _, _, _) => true,
#pragma warning restore CA5359
    };

    public void Configure(WebApplicationBuilder builder)
    {
        builder.Configuration["Kestrel:Certificates:Default:Path"] = SelfSigned();
        builder.Configuration["Kestrel:Certificates:Default:Password"] = Password;
    }

    public void Dispose() => _folder.Delete(recursive: true);

    private string SelfSigned()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=localhost", key, HashAlgorithmName.SHA256);
        using var certificate = request.CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(1));
        var path = Path.Combine(_folder.FullName, "localhost.pfx");
        File.WriteAllBytes(path, certificate.Export(X509ContentType.Pfx, Password));
        return path;
    }
}
