using System.Diagnostics.Metrics;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;

namespace CacheGateway.FunctionalTests.Admin;

/// <summary>Who reads <c>/metrics</c>, and how often it is made for them.</summary>
public sealed class ScrapeTests
{
    /// <summary>A reading takes a while with many policies. The threads of the pool are there for misses, writes and timers.</summary>
    [Fact]
    public async Task Scrapes_WhileOneIsMade_HoldNoThread_AndShareTheNext()
    {
        const int Scrapes = 50;
        await using var env = await GatewayEnvironment.StartAsync();
        var readings = 0;
        var begun = new TaskCompletionSource();
        using var held = new ManualResetEventSlim();
        env.Services.GetRequiredService<IMeterFactory>().Create("System.Net.Http").CreateObservableGauge("test.readings", () =>
        {
            if (Interlocked.Increment(ref readings) == 1)
            {
                begun.SetResult();
                held.Wait();
            }

            return readings;
        });
        try
        {
            var first = env.AdminAsync("/metrics");
            await Deadline.Within(begun.Task, "a reading to begin");
            var metrics = env.Services.GetRequiredService<CacheGateway.Diagnostics.MetricsText>();
            var bodies = Enumerable.Range(0, Scrapes).Select(_ => new MemoryStream()).ToList();
            var scrapes = new List<Task>();

            // Each call comes back at once, so one thread can make them all.
            var asking = Task.Factory.StartNew(
                () => bodies.ForEach(body => scrapes.Add(metrics.WriteAsync(new DefaultHttpContext { Response = { Body = body } }))),
                CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
            await Deadline.Within(asking, "every scrape to wait without a thread");
            Assert.All(scrapes, scrape => Assert.False(scrape.IsCompleted));
            held.Set();

            await Deadline.Within(Task.WhenAll(scrapes), "the scrapes");
            using var answer = await first;
            Assert.Contains("test_readings 1\n", await answer.Content.ReadAsStringAsync(), StringComparison.Ordinal);
            Assert.All(bodies, body => Assert.Contains("test_readings 2\n", System.Text.Encoding.UTF8.GetString(body.ToArray()), StringComparison.Ordinal));
            Assert.Equal(3, await env.MetricAsync("test_readings"));
        }
        finally
        {
            held.Set();
        }
    }
}
