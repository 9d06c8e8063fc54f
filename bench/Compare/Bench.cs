using System.Diagnostics;
using CacheGateway.Children;

namespace Compare;

/// <summary>One run of the comparison: where its files lie, what it was told, and the servers that are up.</summary>
internal sealed class Bench : IAsyncDisposable
{
    /// <summary>By port: several peers may be gateways.</summary>
    private readonly Dictionary<int, ServerProcess> _servers = [];
    private readonly string _root;
    private readonly Lazy<Task> _end;

    public Bench(BenchOptions options)
    {
        Options = options;
        _root = options.Root;
        _end = new Lazy<Task>(EndAsync);
        Directory = Path.Combine(System.IO.Directory.Exists("/dev/shm") ? "/dev/shm" : Path.GetTempPath(), $"cachegateway-bench-{Environment.ProcessId}");
        System.IO.Directory.CreateDirectory(Directory);
        // Servers that give up root (nginx, varnish) read and write here too.
        System.IO.File.SetUnixFileMode(Directory, (UnixFileMode)0b111_111_111);
    }

    public BenchOptions Options { get; }

    /// <summary>Scratch, in memory where the machine has such a place; gone afterwards.</summary>
    public string Directory { get; }

    /// <summary>Where the load generator runs; the servers may use every processor.</summary>
    public int? LoadProcessor { get; } = Environment.ProcessorCount > 1 ? 0 : null;

    /// <summary>A file of bench/.</summary>
    public string File(string name) => Path.Combine(_root, "bench", name);

    /// <summary>A program that bench/compare published.</summary>
    public string Published(string name) =>
        Path.Combine(_root, "artifacts", "bench", name, name switch { "gateway" => "CacheGateway", "backend" => "BackendApi", _ => "Yardsticks" });

    /// <summary>The peer, started if it is not up yet.</summary>
    public async Task<ServerProcess> UpAsync(Peer peer)
    {
        if (!_servers.TryGetValue(peer.Port, out var server))
        {
            foreach (var needed in peer.Needs)
            {
                await UpAsync(needed);
            }

            server = await ServerProcess.StartAsync(peer.Name, peer.Start(this), peer.LastPort ?? peer.Port);
            _servers.Add(peer.Port, server);
        }

        return server;
    }

    public async Task DownAsync(Peer peer)
    {
        if (_servers.Remove(peer.Port, out var server))
        {
            await server.DisposeAsync();
        }
    }

    public async Task DownAllAsync()
    {
        foreach (var server in _servers.Values)
        {
            await server.DisposeAsync();
        }

        _servers.Clear();
    }

    public static void Say(string text) => Console.Error.WriteLine($"[{DateTime.Now:HH:mm:ss}] {text}");

    /// <summary>Once, whoever is first: a signal comes while the run goes on.</summary>
    public ValueTask DisposeAsync() => new(_end.Value);

    private async Task EndAsync()
    {
        await DownAllAsync();
        if (System.IO.Directory.Exists(Directory))
        {
            System.IO.Directory.Delete(Directory, recursive: true);
        }
    }

    /// <summary>A template of bench/peers/ with its words filled in, written to the scratch directory.</summary>
    public string Configuration(string template, params (string Word, string Value)[] words)
    {
        var text = System.IO.File.ReadAllText(File($"peers/{template}"));
        foreach (var (word, value) in words)
        {
            text = text.Replace(word, value, StringComparison.Ordinal);
        }

        var path = Path.Combine(Directory, template);
        System.IO.File.WriteAllText(path, text);
        return path;
    }

    /// <summary>A certificate for 127.0.0.1 that lasts as long as the run: CERTIFICATE.pem, .key and .both.</summary>
    public string Certificate()
    {
        var path = Path.Combine(Directory, "certificate");
        if (!System.IO.File.Exists(path + ".pem"))
        {
            using var key = System.Security.Cryptography.ECDsa.Create(System.Security.Cryptography.ECCurve.NamedCurves.nistP256);
            var request = new System.Security.Cryptography.X509Certificates.CertificateRequest("CN=127.0.0.1", key, System.Security.Cryptography.HashAlgorithmName.SHA256);
            using var certificate = request.CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(2));
            System.IO.File.WriteAllText(path + ".pem", certificate.ExportCertificatePem());
            System.IO.File.WriteAllText(path + ".key", key.ExportPkcs8PrivateKeyPem());
            System.IO.File.WriteAllText(path + ".both", certificate.ExportCertificatePem() + "\n" + key.ExportPkcs8PrivateKeyPem());
        }

        return path;
    }

    /// <summary>A program with its arguments and environment, which ends when this one does.</summary>
    public static ProcessStartInfo Command(string program, string[] arguments, params (string Name, string Value)[] environment)
    {
        var start = Leash.Of(program, arguments);
        foreach (var (name, value) in environment)
        {
            start.Environment[name] = value;
        }

        return start;
    }
}
