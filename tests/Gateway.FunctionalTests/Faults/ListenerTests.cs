using System.Diagnostics;
using System.Net;
using System.Net.Sockets;

namespace CacheGateway.FunctionalTests.Faults;

/// <summary>Those who are told of requests, and do not listen: requests never wait for them.</summary>
public sealed class ListenerTests
{
    /// <summary>Half of what an exporter waits for its receiver.</summary>
    private static readonly TimeSpan Longest = TimeSpan.FromSeconds(5);

    [Fact]
    public async Task OtlpReceiverThatNeverAnswers_ChangesNothingForRequests()
    {
        using var hole = new TcpListener(IPAddress.Loopback, 0);
        hole.Start();
        await using var origin = ScriptedOrigin.Start(TimeProvider.System);
        origin.Get("/*", Reply.Ok("x", "Cache-Control: max-age=60"));
        await using var gateway = await GatewayProcess.StartAsync(
            origin.Address, [],
            [
                ("OTEL_EXPORTER_OTLP_ENDPOINT", $"http://{hole.LocalEndpoint}"), ("OTEL_EXPORTER_OTLP_PROTOCOL", "http/protobuf"),
                ("OTEL_METRIC_EXPORT_INTERVAL", "100"), ("OTEL_BSP_SCHEDULE_DELAY", "50"), ("OTEL_BLRP_SCHEDULE_DELAY", "50"),
            ]);
        using var taken = await Deadline.Within(hole.AcceptTcpClientAsync(), "the exporter to call");

        await AssertAnsweredAsync(gateway.GetAsync);

        var ending = Stopwatch.GetTimestamp();
        Assert.Equal(0, await gateway.EndAsync());
        // One after the other, the three signals would take five seconds each.
        Assert.InRange(Stopwatch.GetElapsedTime(ending).TotalSeconds, 0, 13);
    }

    [Fact]
    public async Task ScrapersThatStopReading_ChangeNothingForRequests_NorForOtherScrapers()
    {
        await using var env = await GatewayEnvironment.StartAsync();
        env.Origin.Get("/*", Reply.Ok("x", "Cache-Control: max-age=60"));
        var idle = await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => RawClient.ConnectAsync(env.Addresses[^1])));
        foreach (var client in idle)
        {
            // Far more than sockets hold.
            await client.SendAsync(string.Concat(Enumerable.Repeat("GET /metrics HTTP/1.1\r\nHost: localhost\r\n\r\n", 500)));
            await client.ReadHeadAsync();
        }

        await AssertAnsweredAsync(env.GetAsync);

        Assert.Equal(200, await Deadline.Within(env.MetricAsync("cachegateway_stored_total"), "metrics for others"));
        foreach (var client in idle)
        {
            client.Abort();
        }
    }

    /// <summary>Misses and hits.</summary>
    private static async Task AssertAnsweredAsync(Func<string, string[], Task<RawResponse>> get)
    {
        for (var i = 0; i < 400; i++)
        {
            var started = Stopwatch.GetTimestamp();
            var answer = await get($"/{i / 2}", []);
            Assert.Equal((200, "x"), (answer.Status, answer.Text));
            Assert.True(Stopwatch.GetElapsedTime(started) < Longest, $"request {i} took {Stopwatch.GetElapsedTime(started)}");
        }
    }
}
