using System.Text.RegularExpressions;
using CacheGateway.Diagnostics;
using CacheGateway.Diagnostics.Traffic;
using CacheGateway.Hosting;
using CacheGateway.Model;
using CacheGateway.Storage.Redis;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using MetricsText = CacheGateway.Diagnostics.MetricsText;

namespace CacheGateway.FunctionalTests.Documentation;

/// <summary>docs/metrics.md, the Grafana dashboard and the alert rules name what there is.</summary>
public sealed partial class ObservabilityTests
{
    /// <summary>Set to 1, the test writes the page instead of comparing it.</summary>
    private const string WriteVariable = "WRITE_METRICS";

    [Fact]
    public async Task Page_IsMadeFromTheInstruments()
    {
        await using var gateway = await StartAsync();
        var page = Path.Combine(Repository.Root, "docs", "metrics.md");
        var made = Page(gateway.Services.GetRequiredService<MetricsText>().Own(gateway.Services.GetRequiredService<GatewayMetrics>()));
        if (Environment.GetEnvironmentVariable(WriteVariable) == "1")
        {
            await File.WriteAllTextAsync(page, made);
        }

        Assert.True(
            File.Exists(page) && await File.ReadAllTextAsync(page) == made,
            $"{page} differs from the instruments. Write it anew with: {WriteVariable}=1 dotnet test tests/Gateway.FunctionalTests");
    }

    [Theory]
    [InlineData("grafana-dashboard.json")]
    [InlineData("prometheus-alerts.yml")]
    public async Task Configuration_NamesMetricsThatExist(string file)
    {
        await using var gateway = await StartAsync();
        var metrics = gateway.Services.GetRequiredService<MetricsText>();
        await metrics.ReadAsync();
        var names = metrics.Names;

        var used = Metric().Matches(await File.ReadAllTextAsync(Path.Combine(Repository.Root, "config", "observability", file)))
            .Select(match => Suffix().Replace(match.Value, "")).Distinct().ToArray();

        Assert.NotEmpty(used);
        Assert.All(used, name => Assert.True(names.Contains(name), $"{file} names {name}, which no instrument has"));
    }

    /// <summary>A rate needs two scrapes in its window, and Prometheus makes one a minute where nobody says otherwise; or Grafana takes the window from how often it is.</summary>
    [Theory]
    [InlineData("grafana-dashboard.json")]
    [InlineData("prometheus-alerts.yml")]
    public async Task Window_HoldsSeveralScrapes(string file)
    {
        var windows = Window().Matches(await File.ReadAllTextAsync(Path.Combine(Repository.Root, "config", "observability", file))).Select(match => match.Groups[1].Value).ToArray();

        Assert.NotEmpty(windows);
        Assert.All(windows, window => Assert.Matches(@"^(\$__rate_interval|[4-9]m|[1-9]\dm|\dh)$", window));
    }

    /// <summary>
    /// Whoever looks at Grafana sees the ratio that the gateway's own pages show, and whoever is paged by Prometheus that of the gateway's own alert: somebody switched a policy off who knows it.
    /// </summary>
    [Theory]
    [InlineData("grafana-dashboard.json")]
    [InlineData("prometheus-alerts.yml", Reason.PolicyOff)]
    public async Task HitRatio_IsOfWhatACacheCouldAnswer(string file, params Reason[] alsoLeftOut)
    {
        var text = (await File.ReadAllTextAsync(Path.Combine(Repository.Root, "config", "observability", file))).Replace("\\\"", "\"", StringComparison.Ordinal);
        var ratio = text.IndexOf("outcome=~\"hit|collapsed\"", StringComparison.Ordinal);
        Assert.True(ratio > 0, $"{file} has no hit ratio");

        var rest = text[ratio..Math.Min(text.Length, ratio + 600)];

        // A policy that never had a hit has no series to divide: its ratio is 0 all the same, and the worst there is.
        Assert.Contains("or 0 * sum by (policy)", rest[..rest.IndexOf('/', StringComparison.Ordinal)], StringComparison.Ordinal);
        Assert.Contains("outcome!=\"pass\"", rest, StringComparison.Ordinal);
        Assert.Contains($"outcome=\"pass\",reason!~\"{string.Join('|', TrafficCounts.BeyondACache.Concat(alsoLeftOut).Select(reason => reason.Text()))}\"", rest, StringComparison.Ordinal);
    }

    private static string Page(IReadOnlyList<(string Name, string Kind, string Help)> instruments) =>
        $"""
        # Metrics

        Made from the instruments by a test (`{WriteVariable}=1 dotnet test tests/Gateway.FunctionalTests`); do not edit. `GET /metrics` on the admin address has
        them in the Prometheus text format; with `OTEL_EXPORTER_OTLP_ENDPOINT` set they are sent by OTLP, under their names with dots. Labels are small
        closed sets: no URL, key or tag is ever one. Beside these there are the framework's own: `http_server_*` and `kestrel_*` (ASP.NET Core), `http_client_*`
        and `dns_*` (HttpClient), `dotnet_*` (runtime); those that are measured with every request are collected only once `/metrics` has been read.

        | Metric | Kind | What it says |
        |---|---|---|
        {string.Join('\n', instruments.Select(one => $"| `{one.Name}` | {one.Kind} | {one.Help} |"))}

        """;

    /// <summary>With a Redis that is not there: its instruments exist all the same.</summary>
    private static Task<WebApplication> StartAsync() => GatewayHost.StartAsync(
        new GatewaySettings
        {
            Origin = "http://127.0.0.1:9",
            Urls = ["http://127.0.0.1:0"],
            AdminUrls = ["http://127.0.0.1:0"],
            Node = "a",
            Redis = new RedisSettings { EndPoints = ["127.0.0.1:9"] },
        },
        TimeProvider.System, _ => { });

    [GeneratedRegex(@"\b(cachegateway|http|kestrel|dotnet|yarp|dns)_[a-z0-9_]+")]
    private static partial Regex Metric();

    [GeneratedRegex(@"\[([^\]""\s,]+)\]\)")]
    private static partial Regex Window();

    [GeneratedRegex("_(bucket|sum|count)$")]
    private static partial Regex Suffix();
}
