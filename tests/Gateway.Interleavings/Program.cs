using System.Diagnostics;
using CacheGateway.Interleavings;

if (!ExploreOptions.IsAsked(args))
{
    return await Xunit.Runner.InProc.SystemConsole.ConsoleRunner.Run(args);
}

var options = ExploreOptions.Parse(args);
if (Worker.HasOneThread)
{
    return await Task.Run(() => Worker.RunAsync(options));
}

var clock = Stopwatch.StartNew();
var said = TimeSpan.Zero;
var outcome = await Workers.RunAsync(options, done =>
{
    // Workers report at the same time; that a line comes twice does no harm.
    if (!options.IsStory && clock.Elapsed - said > TimeSpan.FromSeconds(10))
    {
        said = clock.Elapsed;
        Console.Error.WriteLine($"{done} of {options.Schedules} schedules, {said.TotalSeconds:0} s");
    }
});
Console.WriteLine(outcome.Report);
if (!options.IsStory && outcome.IsClean)
{
    Console.WriteLine($"{outcome.Schedules} schedules of seed {options.Seed}, {outcome.Choices} choices, {clock.Elapsed.TotalSeconds:0.0} s: nothing found");
}

return outcome.IsClean ? 0 : 1;
