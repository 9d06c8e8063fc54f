using System.Diagnostics;
using System.Globalization;

namespace Fence;

/// <summary>
/// How soon a new node serves rightly where 100,000 tags were raised: from the start of its process until it listens, answers a response from Redis
/// that is alive from the cache, and one that a raise had killed from the origin.
/// </summary>
internal static class NewNode
{
    private const int Tags = 100_000;
    private const int Starts = 10;

    public static async Task<string> MeasureAsync(RedisProcess redis, Backend backend, string gateway)
    {
        await using var first = await Node.StartAsync(gateway, "first", redis.Address, backend.Address, "join");
        for (var i = 0; i < Tags; i += 10_000)
        {
            await first.RaiseAsync([.. Enumerable.Range(i, 10_000).Select(tag => $"t{tag.ToString(CultureInfo.InvariantCulture)}")]);
        }

        var (listening, times) = (new List<double>(), new List<double>());
        for (var i = 0; i < Starts; i++)
        {
            var alive = (await first.GetAsync($"/x/alive{i}")).Text;
            var dead = (await first.GetAsync($"/x/dead{i}")).Text;
            await first.RaiseAsync($"dead{i}");
            // Writes to Redis are not waited for by anybody.
            await Task.Delay(200);
            var started = Stopwatch.GetTimestamp();
            await using var late = await Node.StartAsync(gateway, "late", redis.Address, backend.Address, "join");
            listening.Add(Stopwatch.GetElapsedTime(started).TotalMilliseconds);
            var served = await late.GetAsync($"/x/alive{i}");
            var fetched = await late.GetAsync($"/x/dead{i}");
            times.Add(Stopwatch.GetElapsedTime(started).TotalMilliseconds);
            if (served.Text != alive || !served.IsHit || fetched.Text == dead)
            {
                throw new InvalidOperationException($"the new node is wrong: {served} for {alive}, {fetched} for what was dead: {dead}");
            }
        }

        return $"a new node, {Tags} tags in the table, from its start to its first right answers: {new Figures(times)}; until it listens: {new Figures(listening)}";
    }
}
