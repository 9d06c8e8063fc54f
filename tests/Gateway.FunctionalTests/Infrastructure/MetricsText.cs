using System.Globalization;

namespace CacheGateway.FunctionalTests.Infrastructure;

/// <summary>Reads the Prometheus text format as far as the tests need it.</summary>
internal static class MetricsText
{
    public static double Sum(string text, string name) =>
        text.Split('\n')
            .Where(line => line.StartsWith(name, StringComparison.Ordinal) && line.Length > name.Length && line[name.Length] is ' ' or '{')
            .Sum(line => double.Parse(line[(line.LastIndexOf(' ') + 1)..], CultureInfo.InvariantCulture));
}
