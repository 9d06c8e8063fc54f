using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using CacheGateway.FunctionalTests.Redis;

namespace CacheGateway.FunctionalTests.Processes;

/// <summary>Redis behind TLS, its certificate checked by the machine's own roots; a process of its own can be given others.</summary>
public sealed class RedisTlsTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("cachegateway-test-tls-");

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Rediss_JoinsWhereTheCertificateIsTrusted_AndOnlyThere(bool trusted)
    {
        using var key = RSA.Create(2048);
        var request = new CertificateRequest("CN=localhost", key, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        var names = new SubjectAlternativeNameBuilder();
        names.AddDnsName("localhost");
        names.AddIpAddress(IPAddress.Loopback);
        request.CertificateExtensions.Add(names.Build());
        using var certificate = request.CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(1));
        var (certificateFile, keyFile) = (Path.Combine(_folder.FullName, "c.pem"), Path.Combine(_folder.FullName, "k.pem"));
        await File.WriteAllTextAsync(certificateFile, certificate.ExportCertificatePem());
        await File.WriteAllTextAsync(keyFile, key.ExportPkcs8PrivateKeyPem());
        await using var plain = RedisServer.Prepare();
        await using var redis = await RedisServer.StartAsync(
            "--tls-port", $"{plain.Port}", "--tls-cert-file", certificateFile, "--tls-key-file", keyFile, "--tls-ca-cert-file", certificateFile, "--tls-auth-clients", "no");

        await using var backend = await ChangingBackend.StartAsync(1);
        await using var gateway = await GatewayProcess.StartAsync(
            new Uri(backend.Address), ["--node", "a"],
            [("REDIS_URL", $"rediss://localhost:{plain.Port}"), ("SSL_CERT_FILE", trusted ? certificateFile : "")]);

        if (trusted)
        {
            await gateway.UntilTrusted();
        }
        else
        {
            await Deadline.Until(() => Task.FromResult(gateway.Lines.Any(line => line.Contains("its certificate is not trusted here", StringComparison.Ordinal))), "the reason in the log");
            Assert.Equal(0, await gateway.MetricAsync("cachegateway_redis_connected"));
        }
    }

    public void Dispose() => _folder.Delete(recursive: true);
}
