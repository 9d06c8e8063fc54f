using System.Diagnostics;
using System.Net.Http.Json;

namespace Compare;

/// <summary>What goes on beside the measured load, at a steady rate.</summary>
internal static class Beside
{
    /// <summary>Requests for keys that are never asked for again.</summary>
    public static Func<Peer, CancellationToken, Task> Scan(int perSecond)
    {
        var next = 0;
        return (peer, done) => SteadyAsync(perSecond, async http =>
        {
            using var answer = await http.GetAsync($"http://127.0.0.1:{peer.Port}/b/8192/scan-{Environment.ProcessId}-{Interlocked.Increment(ref next)}");
        }, done);
    }

    /// <summary>Invalidations of tags that entries have or not, through the admin API.</summary>
    public static Func<Peer, CancellationToken, Task> Invalidate(int perSecond)
    {
        var next = 0;
        return (peer, done) => SteadyAsync(perSecond, async http =>
        {
            using var answer = await http.PostAsJsonAsync($"http://127.0.0.1:{peer.Port + 3}/api/v2/cache/invalidate", new { tags = new[] { $"tag-{Interlocked.Increment(ref next) % 100_000}" } });
            answer.EnsureSuccessStatusCode();
        }, done);
    }

    private static async Task SteadyAsync(int perSecond, Func<HttpClient, Task> act, CancellationToken done)
    {
        using var http = new HttpClient();
        var start = Stopwatch.GetTimestamp();
        var running = new List<Task>();
        for (var sent = 0; !done.IsCancellationRequested;)
        {
            for (var due = Stopwatch.GetElapsedTime(start).TotalSeconds * perSecond; sent < due && running.Count < 64; sent++)
            {
                running.Add(act(http));
            }

            running.RemoveAll(task => task.IsCompletedSuccessfully);
            await Task.WhenAll(running.Where(task => task.IsFaulted));
            await Task.Delay(5, CancellationToken.None);
        }

        await Task.WhenAll(running);
    }
}
