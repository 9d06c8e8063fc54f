using CacheGateway.Diagnostics;
using OpenTelemetry;
using OpenTelemetry.Exporter;
using OpenTelemetry.Logs;
using OpenTelemetry.Metrics;
using OpenTelemetry.Resources;
using OpenTelemetry.Trace;

namespace CacheGateway.Hosting;

/// <summary>
/// Sends metrics, traces and logs by OTLP, as the standard environment variables say (OTEL_EXPORTER_OTLP_ENDPOINT and its kin). Part of the gateway
/// only where they ask for one of them.
/// </summary>
/// <param name="node">Says of what is sent whose it is.</param>
/// <param name="logs">Whoever sends the log; null where nobody does.</param>
internal sealed class Telemetry(string node, LoggerProvider? logs) : IHostedService, IAsyncDisposable
{
    /// <summary>What a receiver that does not answer delays the end by, for all signals together; the library gives each of the others as long by itself.</summary>
    private static readonly TimeSpan LongestEnd = TimeSpan.FromSeconds(5);

    private static readonly string[] Meters =
    [
        GatewayMetrics.MeterName, "Microsoft.AspNetCore.Hosting", "Microsoft.AspNetCore.Server.Kestrel", "Microsoft.AspNetCore.Routing", "System.Net.Http", "System.Net.NameResolution", "System.Runtime",
    ];

    /// <summary>The labels of HttpClient's instruments that no client chooses.</summary>
    private static readonly string[] Bounded =
        ["http.request.method", "http.response.status_code", "http.connection.state", "network.protocol.version", "url.scheme", "error.type"];

    private static readonly string[] Sources = [GatewayActivity.Name, "Microsoft.AspNetCore", "System.Net.Http"];

    private MeterProvider? _metrics;
    private TracerProvider? _traces;
    private Task _ended = Task.CompletedTask;

    /// <summary>Whether the environment asks for it.</summary>
    public static bool IsAskedFor => IsWanted("METRICS") || IsWanted("TRACES") || IsWanted("LOGS");

    /// <summary>What is logged is sent too, by the same levels, beside the console. It belongs to the logging of the application: what is said at its end is still sent.</summary>
    public static void AddLogs(ILoggingBuilder logging, string node)
    {
        if (IsWanted("LOGS"))
        {
            logging.AddOpenTelemetry(options =>
            {
                options.IncludeFormattedMessage = true;
                options.SetResourceBuilder(Described(ResourceBuilder.CreateDefault(), node)).AddOtlpExporter(exporter => Configure(exporter, "LOGS"));
            });
        }
    }

    public Task StartAsync(CancellationToken cancellationToken)
    {
        if (IsWanted("METRICS"))
        {
            _metrics = Sdk.CreateMeterProviderBuilder().ConfigureResource(Describe).AddMeter(Meters)
                .AddView(instrument => instrument.Meter.Name == MetricSeries.HostNaming ? new MetricStreamConfiguration { TagKeys = Bounded } : null)
                .AddOtlpExporter(exporter => Configure(exporter, "METRICS")).Build();
        }

        if (IsWanted("TRACES"))
        {
            _traces = Sdk.CreateTracerProviderBuilder().ConfigureResource(Describe).AddSource(Sources).AddOtlpExporter(exporter => Configure(exporter, "TRACES")).Build();
        }

        return Task.CompletedTask;
    }

    public Task StopAsync(CancellationToken cancellationToken)
    {
        // Side by side, and waited for at the very end.
        _ended = Task.WhenAll(Task.Run(() => _metrics?.Dispose(), CancellationToken.None), Task.Run(() => _traces?.Dispose(), CancellationToken.None));
        return Task.CompletedTask;
    }

    /// <summary>The log goes last, for the end is told in it.</summary>
    public async ValueTask DisposeAsync() => await Task.WhenAll(_ended, Task.Run(() => logs?.Shutdown((int)LongestEnd.TotalMilliseconds)));

    private static bool IsWanted(string signal) =>
        !string.Equals(Environment.GetEnvironmentVariable("OTEL_SDK_DISABLED"), "true", StringComparison.OrdinalIgnoreCase)
        && !string.Equals(Environment.GetEnvironmentVariable($"OTEL_{signal}_EXPORTER"), "none", StringComparison.OrdinalIgnoreCase)
        && (Variable("OTEL_EXPORTER_OTLP_ENDPOINT") ?? Variable($"OTEL_EXPORTER_OTLP_{signal}_ENDPOINT")) is not null;

    /// <summary>What is said for one signal goes before what is said for all, which the library reads by itself; an address is used as it is then.</summary>
    private static void Configure(OtlpExporterOptions exporter, string signal)
    {
        if (Uri.TryCreate(Variable($"OTEL_EXPORTER_OTLP_{signal}_ENDPOINT"), UriKind.Absolute, out var address))
        {
            exporter.Endpoint = address;
        }

        exporter.Headers = Variable($"OTEL_EXPORTER_OTLP_{signal}_HEADERS") ?? exporter.Headers;
        exporter.Protocol = Variable($"OTEL_EXPORTER_OTLP_{signal}_PROTOCOL") switch
        {
            "grpc" => OtlpExportProtocol.Grpc,
            "http/protobuf" => OtlpExportProtocol.HttpProtobuf,
            _ => exporter.Protocol,
        };
    }

    /// <summary>An empty one is none.</summary>
    private static string? Variable(string name) => Environment.GetEnvironmentVariable(name) is { Length: > 0 } value ? value : null;

    private void Describe(ResourceBuilder resource) => Described(resource, node);

    private static ResourceBuilder Described(ResourceBuilder resource, string node) => resource.AddService("cachegateway", serviceInstanceId: node).AddEnvironmentVariableDetector();
}
