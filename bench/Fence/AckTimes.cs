namespace Fence;

/// <summary>How soon three idle nodes have applied what one of them raised, as a caller of the admin API sees it.</summary>
internal static class AckTimes
{
    private const int Warming = 200;
    private const int Times = 2000;

    public static async Task<string> MeasureAsync(RedisProcess redis, Backend backend, string gateway)
    {
        await using var a = await Node.StartAsync(gateway, "a", redis.Address, backend.Address, "acks");
        await using var b = await Node.StartAsync(gateway, "b", redis.Address, backend.Address, "acks");
        await using var c = await Node.StartAsync(gateway, "c", redis.Address, backend.Address, "acks");
        var times = new List<double>();
        for (var i = 0; i < Warming + Times; i++)
        {
            var taken = await a.RaiseAsync($"t{i % 50}");
            if (i >= Warming)
            {
                times.Add(taken);
            }
        }

        return $"acknowledged by 3 idle nodes: {new Figures(times)}";
    }
}
