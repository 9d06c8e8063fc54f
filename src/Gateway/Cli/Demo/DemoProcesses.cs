using System.Globalization;

namespace CacheGateway.Cli.Demo;

/// <summary>The two programs of the demo, started as a user would: the API, and this program's own <c>run</c> before it.</summary>
internal static class DemoProcesses
{
    /// <summary>Beginnings of names.</summary>
    private static readonly string[] Configuring =
        ["CACHEGATEWAY", "CACHE_", "REDIS", "EVENTS", "DATABASE_URL", "ConnectionStrings", "ReverseProxy", "Kestrel", "ASPNETCORE_", "URLS", "OTEL_", "Costs"];

    /// <summary>Long enough for a database that is filled first.</summary>
    private static readonly TimeSpan StartLimit = TimeSpan.FromSeconds(60);

    /// <summary>Between two looks at a process that starts and tells nobody when it answers.</summary>
    private static readonly TimeSpan Pace = TimeSpan.FromMilliseconds(100);

    /// <exception cref="DemoException">It does not build.</exception>
    public static async Task BuildBackendAsync(DemoRepository repository, CancellationToken cancellation)
    {
        // No build server: one would stay behind when the demo is over.
        await using var build = ChildProcess.Start("the build", ChildProcess.DotNet,
            ["build", repository.BackendProject, "-c", "Release", "--nologo", "-v", "quiet", "-nodeReuse:false", "-p:UseSharedCompilation=false"]);
        if (await build.WaitAsync(cancellation) != 0)
        {
            throw new DemoException($"src/BackendApi does not build: {build.LastWords}");
        }
    }

    public static ChildProcess StartBackend(DemoRepository repository, DemoAddresses addresses, DemoOptions options)
    {
        var scale = options.CostScale.ToString(CultureInfo.InvariantCulture);

        // A connection string may hold a password, and everybody on the machine can read a command line.
        return ChildProcess.Start("the backend", ChildProcess.DotNet,
            [repository.BackendAssembly, "--urls", addresses.Backend.Listen, "--cost-scale", scale],
            [.. OfThisShell(), ("DATABASE_URL", options.Database ?? "")]);
    }

    public static ChildProcess StartGateway(DemoRepository repository, DemoAddresses addresses) =>
        ChildProcess.Start("the gateway", ChildProcess.DotNet,
        [
            typeof(DemoProcesses).Assembly.Location, "run", "--origin", addresses.Backend.Client.ToString(), "--urls", addresses.Gateway.Listen,
            "--admin-urls", addresses.Admin.Listen, "--policies", repository.Policies,
        ],
        [.. OfThisShell()]);

    /// <summary>
    /// What configures a gateway or its backend, and happens to be set here: left out. The demo fills its database, writes to it, clears and publishes, and none of that may reach what somebody
    /// works with.
    /// </summary>
    private static IEnumerable<(string Name, string? Value)> OfThisShell() => Environment.GetEnvironmentVariables().Keys.Cast<string>().Where(Configures).Select(name => (name, (string?)null));

    internal static bool Configures(string variable) => Array.Exists(Configuring, start => variable.StartsWith(start, StringComparison.OrdinalIgnoreCase));

    /// <exception cref="DemoException">It ended, or does not answer.</exception>
    public static async Task WaitUntilReadyAsync(HttpClient http, ChildProcess child, Uri health, CancellationToken cancellation)
    {
        var start = TimeProvider.System.GetTimestamp();
        while (!await IsReadyAsync(http, health, cancellation))
        {
            if (child.HasExited)
            {
                throw new DemoException($"{child.Name} did not start: {child.LastWords}");
            }

            if (TimeProvider.System.GetElapsedTime(start) > StartLimit)
            {
                throw new DemoException($"{child.Name} does not answer at {health} after {StartLimit.TotalSeconds:0} s: {child.LastWords}");
            }

            await Task.Delay(Pace, cancellation);
        }
    }

    /// <summary>Cookies are the traffic's own business, and nothing is kept between requests but connections.</summary>
    public static HttpClient CreateClient() =>
        new(new SocketsHttpHandler { UseCookies = false, AllowAutoRedirect = false, UseProxy = false, ActivityHeadersPropagator = null });

    private static async Task<bool> IsReadyAsync(HttpClient http, Uri health, CancellationToken cancellation)
    {
        try
        {
            using var response = await http.GetAsync(health, cancellation);
            return response.IsSuccessStatusCode;
        }
        catch (HttpRequestException)
        {
            return false;
        }
    }
}
