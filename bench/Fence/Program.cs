using Fence;

if (args.Length is < 1 or > 2)
{
    Console.Error.WriteLine("usage: Fence GATEWAY_DLL [cost|syncs|acks|start|recovery]");
    return 2;
}

bool Asks(string what) => args.Length == 1 || args[1] == what;

await using var redis = await RedisProcess.StartAsync();
await using var backend = await Backend.StartAsync();
Console.WriteLine($"{Environment.ProcessorCount} processors, {DateTime.UtcNow:yyyy-MM-dd}");
foreach (var (what, measure) in ((string, Func<Task<string>>)[])
[
    ("cost", () => RaiseCost.MeasureAsync(redis)),
    ("syncs", () => SyncCost.MeasureAsync(redis)),
    ("acks", () => AckTimes.MeasureAsync(redis, backend, args[0])),
    ("start", () => NewNode.MeasureAsync(redis, backend, args[0])),
    ("recovery", () => Recovery.MeasureAsync(backend, args[0])),
])
{
    if (Asks(what))
    {
        Console.WriteLine(await measure());
    }
}

return 0;
