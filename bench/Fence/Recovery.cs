using System.Diagnostics;

namespace Fence;

/// <summary>
/// How soon three nodes acknowledge again after Redis was away: killed, gone for a while, and started empty. From the moment at which Redis takes
/// connections until the first invalidation that was sent since is acknowledged by all three. That is a 202 which names nobody but those whom an empty
/// Redis may have forgotten: a 200 comes only when these cannot serve any more, 12 s after.
/// </summary>
internal static class Recovery
{
    private const int Times = 10;
    private const int Nodes = 3;

    public static async Task<string> MeasureAsync(Backend backend, string gateway)
    {
        await using var redis = await RedisProcess.StartAsync();
        await using var a = await Node.StartAsync(gateway, "a", redis.Address, backend.Address, "recovery");
        await using var b = await Node.StartAsync(gateway, "b", redis.Address, backend.Address, "recovery");
        await using var c = await Node.StartAsync(gateway, "c", redis.Address, backend.Address, "recovery");
        await a.RaiseAsync("first");
        var times = new List<double>();
        for (var i = 0; i < Times; i++)
        {
            await redis.KillAsync();
            await Task.Delay(TimeSpan.FromSeconds(3));
            await redis.StartAgainAsync();
            var there = Stopwatch.GetTimestamp();
            while (!await a.IsRaisedByAllAsync($"r{i}", Nodes))
            {
            }

            times.Add(Stopwatch.GetElapsedTime(there).TotalMilliseconds);
            await Task.Delay(TimeSpan.FromSeconds(3));
        }

        return $"acknowledged by {Nodes} nodes again after Redis was away for 3 s and is there, empty: {new Figures(times)}";
    }
}
