using Fence;

string[] names = ["cost", "syncs", "acks", "start", "recovery"];
if (args.Length is < 1 or > 2 || (args.Length == 2 && !names.Contains(args[1])))
{
    Console.Error.WriteLine($"usage: bench/fence [{string.Join('|', names)}]");
    return 2;
}

await using var redis = await RedisProcess.StartAsync();
await using var backend = await Backend.StartAsync();
Console.WriteLine($"{Environment.ProcessorCount} processors, {DateTime.UtcNow:yyyy-MM-dd}");
foreach (var name in args.Length == 2 ? [args[1]] : names)
{
    Console.WriteLine(name switch
    {
        "cost" => await RaiseCost.MeasureAsync(redis),
        "syncs" => await SyncCost.MeasureAsync(redis),
        "acks" => await AckTimes.MeasureAsync(redis, backend, args[0]),
        "start" => await NewNode.MeasureAsync(redis, backend, args[0]),
        _ => await Recovery.MeasureAsync(backend, args[0]),
    });
}

return 0;
