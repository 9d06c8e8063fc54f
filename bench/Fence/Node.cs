using System.Diagnostics;
using System.Net;
using System.Net.Http.Json;
using System.Text.RegularExpressions;
using CacheGateway.Children;
using CacheGateway.FunctionalTests.Infrastructure;

namespace Fence;

/// <summary>A gateway in a process of its own.</summary>
internal sealed partial class Node : IAsyncDisposable
{
    private readonly Process _process;
    private readonly HttpClient _public;
    private readonly HttpClient _admin;

    private Node(Process process, string address, string admin)
    {
        _process = process;
        _public = new HttpClient { BaseAddress = new Uri(address), DefaultRequestHeaders = { Host = "fence.test" } };
        _admin = new HttpClient { BaseAddress = new Uri(admin) };
    }

    /// <summary>Returns when it says that it listens.</summary>
    public static async Task<Node> StartAsync(string gateway, string name, string redis, string origin, string deployment)
    {
        var start = Leash.Of("dotnet",
        [
            gateway, "run", "--node", name, "--urls", "http://127.0.0.1:0", "--admin-urls", "http://127.0.0.1:0", "--redis", redis,
            "--origin", origin, "--deployment-id", deployment,
        ]);
        start.RedirectStandardOutput = true;
        var process = Process.Start(start)!;
        while (await process.StandardOutput.ReadLineAsync() is { } line)
        {
            if (Banner().Match(line) is { Success: true } banner)
            {
                _ = process.StandardOutput.BaseStream.CopyToAsync(Stream.Null);
                return new Node(process, banner.Groups[1].Value, banner.Groups[2].Value);
            }
        }

        throw new InvalidOperationException($"gateway {name} ended before it listened");
    }

    /// <summary>Raises and gives the milliseconds until every node had applied it.</summary>
    public async Task<double> RaiseAsync(params string[] tags)
    {
        var sent = Stopwatch.GetTimestamp();
        using var answer = await _admin.PostAsJsonAsync("/api/v2/cache/invalidate", new { tags, wait = "all" });
        var taken = Stopwatch.GetElapsedTime(sent).TotalMilliseconds;
        return answer.StatusCode == HttpStatusCode.OK ? taken : throw new InvalidOperationException($"{(int)answer.StatusCode}: {await answer.Content.ReadAsStringAsync()}");
    }

    /// <summary>Raises and waits for a tenth of a second; whether all nodes, of which there are so many, had applied it by then.</summary>
    public async Task<bool> IsRaisedByAllAsync(string tag, int nodes)
    {
        using var answer = await _admin.PostAsJsonAsync("/api/v2/cache/invalidate", new { tags = (string[])[tag], wait = "all", timeoutMs = 100 });
        return await Receipt.IsAppliedByAsync(answer, nodes);
    }

    /// <summary>The answer, and whether it came from the cache.</summary>
    public async Task<(string Text, bool IsHit)> GetAsync(string path)
    {
        using var answer = await _public.GetAsync(path);
        return (await answer.EnsureSuccessStatusCode().Content.ReadAsStringAsync(), string.Join(',', answer.Headers.GetValues("Cache-Status")).Contains("; hit", StringComparison.Ordinal));
    }

    public async ValueTask DisposeAsync()
    {
        _public.Dispose();
        _admin.Dispose();
        // As a service manager does: it leaves the others, who would wait for it otherwise.
        using (var term = Process.Start("kill", ["-TERM", $"{_process.Id}"]))
        {
            await term.WaitForExitAsync();
        }

        await _process.WaitForExitAsync();
        _process.Dispose();
    }

    [GeneratedRegex(@"listens on (http://\S+) (http://[^\s,]+)")]
    private static partial Regex Banner();
}
