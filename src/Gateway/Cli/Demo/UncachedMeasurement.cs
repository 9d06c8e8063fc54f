using System.Diagnostics;
using System.Globalization;

namespace CacheGateway.Cli.Demo;

/// <summary>
/// Asks the backend itself: each endpoint a few times, one after the other, all endpoints at once. The first answers come from a program that
/// is still getting going, and do not count.
/// </summary>
internal static class UncachedMeasurement
{
    private const int Times = 3;

    /// <summary>Between the first requests of two endpoints: all at the same moment, they would measure each other.</summary>
    private static readonly TimeSpan Apart = TimeSpan.FromMilliseconds(30);

    public static async Task<IReadOnlyDictionary<string, UncachedFigures>> RunAsync(
        HttpClient http, Uri backend, IReadOnlyList<DemoEndpoint> endpoints, CancellationToken cancellation)
    {
        await Task.WhenAll(endpoints.Select(endpoint => SampleAsync(http, backend, endpoint, 1, cancellation)));
        await BackendStats.ResetAsync(http, backend, cancellation);
        var samples = await Task.WhenAll(endpoints.Select(async (endpoint, index) =>
        {
            // Not all at one moment, or they would measure each other. The slow ones stand last in the list, and begin.
            await Task.Delay(Apart * (endpoints.Count - index), cancellation);
            return await SampleAsync(http, backend, endpoint, Times, cancellation);
        }));
        var stats = await BackendStats.ReadAsync(http, backend, cancellation);
        return endpoints.Zip(samples).ToDictionary(pair => pair.First.Name, pair => Figures(pair.Second, stats.Of(pair.First.Name)));
    }

    /// <summary>One part of a Server-Timing field such as <c>db;dur=1.3, delay;dur=198.7</c>; 0 where it is missing.</summary>
    public static double Part(string serverTiming, string name)
    {
        var prefix = $"{name};dur=";
        var part = serverTiming.Split(',', StringSplitOptions.TrimEntries)
            .FirstOrDefault(part => part.StartsWith(prefix, StringComparison.Ordinal));
        return part is not null && double.TryParse(part[prefix.Length..].Split(';')[0], CultureInfo.InvariantCulture, out var value) ? value : 0;
    }

    private static async Task<Sample[]> SampleAsync(
        HttpClient http, Uri backend, DemoEndpoint endpoint, int times, CancellationToken cancellation)
    {
        var samples = new Sample[times];
        for (var i = 0; i < times; i++)
        {
            using var request = endpoint.Reads[i % endpoint.Reads.Count].ToRequest(backend);
            var start = Stopwatch.GetTimestamp();
            using var response = await http.SendAsync(request, cancellation);
            var elapsed = Stopwatch.GetElapsedTime(start);
            if (!response.IsSuccessStatusCode)
            {
                throw new DemoException($"the backend answers {(int)response.StatusCode} to GET {endpoint.Reads[i % endpoint.Reads.Count].Path}.");
            }

            var timing = response.Headers.TryGetValues("Server-Timing", out var lines) ? string.Join(", ", lines) : "";
            samples[i] = new Sample(elapsed.TotalMilliseconds, Part(timing, "db"), Part(timing, "delay"));
        }

        return samples;
    }

    private static UncachedFigures Figures(Sample[] samples, EndpointStats stats) => new(
        Median(samples, sample => sample.Milliseconds),
        Median(samples, sample => sample.DatabaseMs),
        Median(samples, sample => sample.DelayMs),
        stats.Requests == 0 ? 0 : (double)stats.Queries / stats.Requests);

    private static double Median(Sample[] samples, Func<Sample, double> value) => Percentiles.Of([.. samples.Select(value)], 0.5)!.Value;

    private readonly record struct Sample(double Milliseconds, double DatabaseMs, double DelayMs);
}
