using System.Globalization;
using System.Text.Json;
using CacheGateway.Cli.Demo.Systems;
using CacheGateway.Hosting;

namespace CacheGateway.Cli.Demo;

/// <summary>One run of the demo from the build to the last curl line; whatever it starts, it stops.</summary>
internal sealed class DemoSession(DemoOptions options, DemoConsole console)
{
    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web) { WriteIndented = true };

    public async Task<int> RunAsync(CancellationToken cancellation)
    {
        // Before anything else: nobody waits for a minute to learn that there is nowhere to write.
        await using var figures = options.JsonFile is { } file ? Open(file) : null;
        var repository = DemoRepository.Find();
        var addresses = DemoAddresses.Claim(options);
        console.Line("Building the example API ...");
        await DemoProcesses.BuildBackendAsync(repository, cancellation);

        using var http = DemoProcesses.CreateClient();
        console.Line("Starting the example API and the gateway ...");
        await using var backend = DemoProcesses.StartBackend(repository, addresses, options);
        await DemoProcesses.WaitUntilReadyAsync(http, backend, new Uri(addresses.Backend.Client, "/health"), cancellation);
        await using var gateway = DemoProcesses.StartGateway(repository, addresses);
        await DemoProcesses.WaitUntilReadyAsync(http, gateway, new Uri(addresses.Admin.Client, "/readyz"), cancellation);

        var report = await CompareAsync(http, addresses, [backend, gateway], cancellation);
        DemoTable.Show(report, console);
        if (figures is not null)
        {
            figures.SetLength(0);
            await JsonSerializer.SerializeAsync(figures, report, Json, cancellation);
            await figures.FlushAsync(cancellation);
        }

        var result = report.IsMet ? RootCommands.Ok : RootCommands.Failed;
        if (!options.Exit)
        {
            await StayAsync(addresses, cancellation);
        }

        return result;
    }

    private static FileStream Open(string file)
    {
        try
        {
            // What an earlier run wrote stays until there is something to take its place.
            return new FileStream(file, FileMode.OpenOrCreate, FileAccess.Write, FileShare.Read);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or ArgumentException or NotSupportedException)
        {
            throw new SettingsException($"--json: {exception.Message}");
        }
    }

    private async Task<DemoReport> CompareAsync(
        HttpClient http, DemoAddresses addresses, ChildProcess[] children, CancellationToken cancellation)
    {
        var today = DateOnly.FromDateTime(TimeProvider.System.GetUtcNow().UtcDateTime);
        var run = TimeProvider.System.GetUtcNow().ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture);
        var systems = AllSystems.Create(run, today);
        DemoEndpoint[] endpoints = [.. systems.SelectMany(system => system.Endpoints)];

        console.Line($"Asking the API itself, {endpoints.Length} endpoints without a cache ...");
        var uncached = await UncachedMeasurement.RunAsync(http, addresses.Backend.Client, endpoints, cancellation);
        await BackendStats.ResetAsync(http, addresses.Backend.Client, cancellation);

        var log = new TrafficLog(endpoints.Select(endpoint => endpoint.Name));
        var traffic = new DemoTraffic(systems, new DemoClient(http, addresses.Gateway.Client, log, new AcknowledgedWrites()), log);
        console.Line($"Asking the gateway, each of {traffic.Addresses} addresses once: the cold cache's misses ...");
        await traffic.WarmUpAsync(cancellation);
        console.Line($"Mixed traffic for {options.Duration.TotalSeconds:0} s: {systems.Sum(system => system.Readers)} readers, 2 writers, every answer checked ...");
        await console.TrackAsync(options.Duration, () => Status(log), traffic.RunAsync(options.Duration, cancellation));
        if (Array.Find(children, child => child.HasExited) is { } gone)
        {
            throw new DemoException($"{gone.Name} ended by itself: {gone.LastWords}");
        }

        return DemoReport.From(endpoints, uncached, log, await BackendStats.ReadAsync(http, addresses.Backend.Client, cancellation));
    }

    private async Task StayAsync(DemoAddresses addresses, CancellationToken cancellation)
    {
        var site = addresses.Gateway.Client;
        console.Line($$"""

            The API            {{addresses.Backend.Client}}
            through the cache  {{site}}
            admin              {{addresses.Admin.Client}}

            A hit (ask twice, see Age and Cache-Status), a write that clears what it changes, and an invalidation by hand:
              curl -i "{{site}}shop/api/products/?category__id=7"
              curl -i -X PATCH {{site}}shop/api/categories/7/ -H "Content-Type: application/json" -d '{"description":"New"}'
              curl -i {{addresses.Admin.Client}}api/v2/cache/invalidate -H "Content-Type: application/json" -d '{"tags":["payments"]}'

            Everything stays up until Ctrl-C.
            """);
        try
        {
            // Until Ctrl-C.
            await Task.Delay(Timeout.Infinite, cancellation);
        }
        catch (OperationCanceledException)
        {
            console.Line("Stopped.");
        }
    }

    private static string Status(TrafficLog log) => FormattableString.Invariant(
        $"{log.Reads:N0} reads, {log.Hits / (double)Math.Max(1, log.Reads):P0} hits, {log.Writes} writes, {log.Stale} stale, {log.Foreign} foreign");
}
