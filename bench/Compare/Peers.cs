using System.Globalization;

namespace Compare;

/// <summary>Every server of the comparison and how it is started. bench/README.md says why these settings are fair.</summary>
internal static class Peers
{
    private const string OriginUrl = "http://127.0.0.1:9100";

    /// <summary>That a process may have open.</summary>
    private static readonly int Files = int.Parse(Environment.GetEnvironmentVariable("BENCH_FILES") ?? "1024", CultureInfo.InvariantCulture);

    /// <summary>A proxy needs two files for a connection.</summary>
    private static readonly int MaxConnections = Math.Min(65536, Files / 2) - 200;

    /// <summary>What nginx may keep open of its cache: with more it has none left for connections, and answers nobody.</summary>
    private static readonly int OpenFiles = Math.Min(200_000, Math.Max(Files / 4, Files - 12_000));

    /// <summary>For each worker of nginx, to clients and to the origin: what its cache leaves of the files. A hit needs no second one.</summary>
    private static readonly int WorkerConnections = Files - OpenFiles - 200;

    public static readonly Peer Origin = new("origin", 9100, bench => Yardstick(bench, false, "origin", OriginUrl));

    public static readonly Peer Redis = new("redis-server", 9110, bench => Bench.Command(
        "redis-server", ["--port", "9110", "--save", "", "--appendonly", "no", "--dir", bench.Directory, "--maxmemory-policy", "noeviction"]));

    public static readonly Peer Gateway = new("gateway", 9120, bench => GatewayCommand(bench, 9120, "--memory", "2GB")) { TlsPort = 9121, H2cPort = 9122, LastPort = 9123, Needs = [Origin] };

    /// <summary>A gateway whose memory is too small for any answer, so that each one comes from Redis.</summary>
    public static readonly Peer GatewayOnRedis = new("gateway", 9125, bench => GatewayCommand(bench, 9125, "--memory", "4096", "--redis", "127.0.0.1:9110"))
    {
        Needs = [Origin, Redis],
    };

    /// <summary>A gateway with policies of its own for the benchmark's paths.</summary>
    public static readonly Peer GatewayOfPolicies = new("gateway", 9190, bench => GatewayCommand(bench, 9190, "--policies", bench.File("peers/policies.json"))) { Needs = [Origin] };

    public static readonly Peer LeadsApi = new("leads API", 9200, bench => Bench.Command(
        bench.Published("backend"), ["--urls", "http://127.0.0.1:9200"]));

    /// <summary>A gateway with the demo's policies before the demo's API.</summary>
    public static readonly Peer GatewayOfLeads = new("gateway", 9210, bench => Bench.Command(
        bench.Published("gateway"), ["run", "--origin", "http://127.0.0.1:9200", "--urls", "http://127.0.0.1:9210", "--policies", Path.Combine(bench.Options.Root, "config", "policies.json")]))
    { Needs = [LeadsApi] };

    /// <summary>With the gateway's scheduling of plain connections.</summary>
    public static readonly Peer Kestrel = new("bare Kestrel", 9130, bench => Yardstick(bench, true, "kestrel", "http://127.0.0.1:9130"));

    /// <summary>With the scheduling that it comes with, which is also the gateway's for TLS.</summary>
    public static readonly Peer UsualKestrel = new("Kestrel by pool", 9132, bench => Yardstick(bench, false, "kestrel", "http://127.0.0.1:9132;https://127.0.0.1:9131")) { TlsPort = 9131 };

    public static readonly Peer Yarp = new("bare YARP", 9140, bench => Yardstick(bench, false, "yarp", "http://127.0.0.1:9140", OriginUrl)) { Needs = [Origin] };

    public static readonly Peer BareRedis = new("bare Redis GET", 9150, bench => Yardstick(bench, false, "redis", "http://127.0.0.1:9150", "127.0.0.1:9110")) { Needs = [Redis] };

    public static readonly Peer Nginx = new("nginx", 9160, bench => Bench.Command("nginx", ["-c", bench.Configuration(
        "nginx.conf", ("DIRECTORY", bench.Directory), ("MAXCONN", Text(WorkerConnections)), ("OPENFILES", Text(OpenFiles)), ("CERTIFICATE", bench.Certificate()), ("TLSPORT", "9161"), ("PORT", "9160"), ("ORIGIN", "127.0.0.1:9100")),
        "-e", "stderr"]))
    {
        TlsPort = 9161,
        // Where less than a sixteenth is left, it closes connections between two requests; it may keep 256 to the origin.
        MaxConnections = (WorkerConnections * 15 / 16) - 256,
        Needs = [Origin],
    };

    public static readonly Peer Varnish = new("Varnish", 9170, bench => Bench.Command("varnishd",
    [
        "-F", "-n", Path.Combine(bench.Directory, "varnish"), "-a", "127.0.0.1:9170", "-s", "malloc,2g",
        "-p", "thread_pools=2", "-p", "thread_pool_min=200", "-p", "timeout_idle=3600", "-p", "listen_depth=16384",
        "-f", bench.Configuration("varnish.vcl", ("ORIGINHOST", "127.0.0.1"), ("ORIGINPORT", "9100")),
    ]))
    { Needs = [Origin] };

    public static readonly Peer HAProxy = new("HAProxy", 9180, bench => Bench.Command("haproxy", ["-db", "-f", bench.Configuration(
        "haproxy.cfg", ("MAXCONN", Text(MaxConnections)), ("THREADS", Text(Environment.ProcessorCount)), ("CERTIFICATE", bench.Certificate()),
        ("TLSPORT", "9181"), ("PORT", "9180"), ("ORIGIN", "127.0.0.1:9100"))]))
    { TlsPort = 9181, MaxConnections = MaxConnections, Needs = [Origin] };

    /// <summary>Those that the gateway is compared with.</summary>
    public static readonly string[] Names = [Kestrel.Name, UsualKestrel.Name, Yarp.Name, BareRedis.Name, Nginx.Name, Varnish.Name, HAProxy.Name];

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);

    private static System.Diagnostics.ProcessStartInfo Yardstick(Bench bench, bool inline, string role, params string[] arguments) =>
        Bench.Command(bench.Published("yardsticks"), [role, .. arguments], ("BENCH_CERTIFICATE", bench.Certificate() + ".pem"), ("DOTNET_SYSTEM_NET_SOCKETS_INLINE_COMPLETIONS", inline ? "1" : "0"));

    private static System.Diagnostics.ProcessStartInfo GatewayCommand(Bench bench, int port, params string[] arguments)
    {
        // In a folder of its own: it is watched, and beside it the load generator writes a line for each request.
        var configuration = Path.Combine(Directory.CreateDirectory(Path.Combine(bench.Directory, "gateway")).FullName, "gateway.json");
        var certificate = bench.Certificate();
        File.WriteAllText(configuration, System.Text.Json.JsonSerializer.Serialize(new
        {
            Kestrel = new { Certificates = new { Default = new { Path = certificate + ".pem", KeyPath = certificate + ".key" } } },
        }));
        string Url(string scheme, int offset) => $"{scheme}://127.0.0.1:{Text(port + offset)}";
        return Bench.Command(bench.Published("gateway"),
        [
            "run", "--origin", OriginUrl, "--urls", $"{Url("http", 0)};{Url("https", 1)}", "--h2c-urls", Url("http", 2), "--admin-urls", Url("http", 3),
            "--config", configuration, "--node", "bench", .. arguments, .. bench.Options.GatewayArguments,
        ]);
    }
}
