using Fence;

if (args.Length != 1)
{
    Console.Error.WriteLine("usage: Fence GATEWAY_DLL");
    return 2;
}

await using var redis = await RedisProcess.StartAsync();
await using var backend = await Backend.StartAsync();
Console.WriteLine($"{Environment.ProcessorCount} processors, {DateTime.UtcNow:yyyy-MM-dd}");
Console.WriteLine(await RaiseCost.MeasureAsync(redis));
Console.WriteLine(await AckTimes.MeasureAsync(redis, backend, args[0]));
Console.WriteLine(await NewNode.MeasureAsync(redis, backend, args[0]));
return 0;
