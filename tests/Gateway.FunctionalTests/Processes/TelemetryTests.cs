namespace CacheGateway.FunctionalTests.Processes;

/// <summary>OTLP as the standard environment variables ask for it, to a receiver over HTTP.</summary>
public sealed class TelemetryTests : IDisposable
{
    private const string Secret = "SECRET-IN-A-QUERY";

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("cachegateway-telemetry-");

    public void Dispose() => _folder.Delete(recursive: true);

    [Fact]
    public async Task Endpoint_GetsMetricsTracesAndLogs()
    {
        await using var collector = await OtlpCollector.StartAsync();
        await using var origin = StartOrigin();
        await using var gateway = await StartAsync(collector, origin);
        using var client = new HttpClient { BaseAddress = gateway.Address };

        await client.GetStringAsync($"/x?note={Secret}");
        await client.GetStringAsync($"/x?note={Secret}");

        await collector.UntilAsync("/v1/metrics", "cachegateway.requests", "cachegateway.origin.requests", "cachegateway.memory.bytes", "http.server.request.duration", "service.name", "told-node");
        await collector.UntilAsync("/v1/metrics", "yarp.requests_started", "yarp.requests_failed", "yarp.current_requests", "cachegateway.config.reloads");
        await collector.UntilAsync("/v1/logs", "CacheGateway.Policies.PolicyFile", "policies from {File}", "service.name", "told-node");
        await collector.UntilAsync("/v1/traces", "cachegateway.fetch", "cachegateway.outcome", "cachegateway.reason", "service.name", "told-node");
        Assert.All(collector.Posts, post => Assert.Equal("application/x-protobuf", post.ContentType));
        Assert.DoesNotContain(collector.Posts, post => post.Text.Contains(Secret, StringComparison.Ordinal));
    }

    /// <summary>Others may wait for a fetch, and it may outlive who caused it.</summary>
    [Fact]
    public async Task Fetch_IsASpanOfItsOwn_LinkedToTheRequestThatCausedIt()
    {
        const string Trace = "0af7651916cd43dd8448eb211c80319c";
        await using var collector = await OtlpCollector.StartAsync();
        await using var origin = StartOrigin();
        await using var gateway = await StartAsync(collector, origin);

        await gateway.GetAsync("/x", $"traceparent: 00-{Trace}-b7ad6b7169203331-01");

        await Deadline.Until(() => Task.FromResult(Spans().Any(IsFetch) && Spans().Any(span => span.Trace == Trace)), "both spans");
        var request = Assert.Single(Spans(), span => span.Trace == Trace);
        var fetch = Assert.Single(Spans(), IsFetch);
        Assert.Equal("", fetch.Parent);
        Assert.Equal([(Trace, request.Id)], fetch.Links);

        IEnumerable<OtlpSpan> Spans() => collector.Posts.Where(post => post.Path == "/v1/traces").SelectMany(post => OtlpSpan.In(post.Text));

        static bool IsFetch(OtlpSpan span) => span.Name == "cachegateway.fetch";
    }

    [Theory]
    [InlineData("OTEL_TRACES_EXPORTER", "/v1/traces", "/v1/metrics", "cachegateway.requests")]
    [InlineData("OTEL_LOGS_EXPORTER", "/v1/logs", "/v1/metrics", "cachegateway.requests")]
    [InlineData("OTEL_METRICS_EXPORTER", "/v1/metrics", "/v1/traces", "cachegateway.fetch")]
    public async Task SignalThatIsNotWanted_IsNotSent(string variable, string silent, string loud, string name)
    {
        await using var collector = await OtlpCollector.StartAsync();
        await using var origin = StartOrigin();
        await using var gateway = await StartAsync(collector, origin, (variable, "none"));
        using var client = new HttpClient { BaseAddress = gateway.Address };

        await client.GetStringAsync("/x");
        await collector.UntilAsync(loud, name);
        await gateway.EndAsync();

        Assert.DoesNotContain(collector.Posts, post => post.Path == silent);
    }

    /// <summary>The library reads only the variables of all signals by itself.</summary>
    [Fact]
    public async Task EndpointOfOneSignal_BesideAnEmptyOneForAll_GetsIt()
    {
        await using var collector = await OtlpCollector.StartAsync();
        await using var origin = StartOrigin();
        await using var gateway = await StartAsync(
            collector, origin, ("OTEL_EXPORTER_OTLP_ENDPOINT", ""), ("OTEL_EXPORTER_OTLP_PROTOCOL", ""),
            ("OTEL_EXPORTER_OTLP_METRICS_ENDPOINT", $"{collector.Address}/their/metrics"), ("OTEL_EXPORTER_OTLP_METRICS_PROTOCOL", "http/protobuf"),
            ("OTEL_EXPORTER_OTLP_METRICS_HEADERS", "x-team=shop"));
        using var client = new HttpClient { BaseAddress = gateway.Address };

        await client.GetStringAsync("/x");

        await collector.UntilAsync("/their/metrics", "cachegateway.requests", "told-node");
        Assert.All(collector.Posts, post => Assert.Equal(("/their/metrics", "shop"), (post.Path, post.Team)));
    }

    private static ScriptedOrigin StartOrigin()
    {
        var origin = ScriptedOrigin.Start(TimeProvider.System);
        origin.Get("/x", Reply.Ok("x", "Cache-Control: max-age=60"));
        return origin;
    }

    private async Task<GatewayProcess> StartAsync(OtlpCollector collector, ScriptedOrigin origin, params (string Name, string Value)[] more)
    {
        var policies = Path.Combine(_folder.FullName, "policies.json");
        await File.WriteAllTextAsync(policies, """{ "policies": { "x": { "match": { "path": "/x" }, "ttl": "1m" } } }""");
        return await GatewayProcess.StartAsync(
            origin.Address, ["--node", "told-node", "--policies", policies],
            [
                ("OTEL_EXPORTER_OTLP_ENDPOINT", collector.Address), ("OTEL_EXPORTER_OTLP_PROTOCOL", "http/protobuf"),
                ("OTEL_METRIC_EXPORT_INTERVAL", "300"), ("OTEL_BSP_SCHEDULE_DELAY", "100"), ("OTEL_BLRP_SCHEDULE_DELAY", "100"), .. more,
            ]);
    }
}
