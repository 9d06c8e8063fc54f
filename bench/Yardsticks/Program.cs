using Yardsticks;

// Yardsticks ROLE URL [ARGUMENT]: serves until it is told to stop.
if (args is not [var role, var url, ..])
{
    await Console.Error.WriteLineAsync("Yardsticks origin|kestrel URL, yarp URL ORIGIN, redis URL HOST:PORT");
    return 2;
}

await using var app = role switch
{
    "origin" => Origin.Create(url),
    "kestrel" => BareKestrel.Create(url),
    "yarp" => BareYarp.Create(url, args[2]),
    "redis" => await BareRedis.CreateAsync(url, args[2]),
    _ => throw new ArgumentException($"\"{role}\" is no role"),
};
await app.RunAsync();
return 0;
