using BackendApi.Hosting;
using Npgsql;

const int Failed = 1;
const int BadUsage = 2;

try
{
    if (new CommandLine().Parse(args, Environment.GetEnvironmentVariable) is not { } options)
    {
        return 0;
    }

    return await RunAsync(options);
}
catch (BadUsageException error)
{
    await Console.Error.WriteLineAsync($"BackendApi: {error.Message}");
    return BadUsage;
}

static async Task<int> RunAsync(BackendOptions options)
{
    try
    {
        await using var app = await BackendApp.BuildAsync(options);
        await app.StartAsync();
        Console.WriteLine($"BackendApi listens on {string.Join(", ", app.Urls)} (data: {app.Services.GetRequiredService<IDataSource>().Name}, cost scale {options.CostScale})");
        await app.WaitForShutdownAsync();
        return 0;
    }
    catch (NpgsqlException error) when (options.Database is not null)
    {
        await Console.Error.WriteLineAsync($"BackendApi: the database {DatabaseAddress.Describe(options.Database)} cannot be used: {FirstLine(error)}");
        return Failed;
    }
    catch (IOException error)
    {
        await Console.Error.WriteLineAsync($"BackendApi: cannot listen on {options.Urls}: {FirstLine(error)}");
        return Failed;
    }
}

static string FirstLine(Exception error) => error.Message.Split('\n')[0].Trim();
