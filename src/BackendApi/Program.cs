using BackendApi.Hosting;

const int Failed = 1;
const int BadUsage = 2;

try
{
    if (new CommandLine().Parse(args, Environment.GetEnvironmentVariable) is not { } options)
    {
        return 0;
    }

    await using var app = await BackendApp.BuildAsync(options);
    await BackendApp.ListenAsync(app, options);
    var source = app.Services.GetRequiredService<IDataSource>().Name;
    Console.WriteLine($"BackendApi listens on {string.Join(", ", app.Urls)} (data: {source}, cost scale {options.CostScale})");
    await app.WaitForShutdownAsync();
    return 0;
}
catch (BadUsageException error)
{
    await Console.Error.WriteLineAsync($"BackendApi: {error.Message}");
    return BadUsage;
}
catch (StartFailedException error)
{
    await Console.Error.WriteLineAsync($"BackendApi: {error.Message}");
    return Failed;
}
