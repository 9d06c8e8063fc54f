using System.Globalization;
using System.Text.Json;

namespace CacheGateway.Soak;

/// <summary>The table at the end, the same as JSON, and the exit code: 0 only if nothing was seen that must never be seen.</summary>
internal static class SoakReport
{
    /// <summary>Of the memory that is left after collections, from the second quarter to the last; only a long run can tell.</summary>
    private const double MostGrowth = 1.15;

    private static readonly TimeSpan LongEnough = TimeSpan.FromMinutes(10);

    private static readonly JsonSerializerOptions Indented = new() { WriteIndented = true };

    public static int Write(SoakWorld world, Nemesis nemesis, Samples samples, TimeSpan took)
    {
        var crashes = world.Gateways.Count(gateway => !gateway.IsUp);
        for (var i = 0; i < crashes; i++)
        {
            world.History.Violate("crashes", "a gateway was down at the end");
        }

        var filesFlat = samples.FilesAtEnd <= (samples.FilesAtStart * 1.2) + 32;
        var memoryFlat = took < LongEnough || samples.Floors.Last <= samples.Floors.Second * MostGrowth;
        var faultsActed = nemesis.Log.Values.All(fault => fault.Acted > 0);
        var passed = world.History.IsClean && filesFlat && memoryFlat && world.History["answers"] > 0;
        Table(world, nemesis, samples, took);
        foreach (var example in world.History.WhatWentWrong)
        {
            Console.WriteLine($"  {example}");
        }

        Console.WriteLine(passed ? "soak: passed" : "soak: FAILED");
        if (!faultsActed)
        {
            Console.WriteLine("soak: not every fault could be shown to have acted; see the table");
        }

        if (world.Options.JsonFile is { } file)
        {
            File.WriteAllText(file, JsonSerializer.Serialize(Result(world, nemesis, samples, took, passed), Indented));
        }

        return passed ? 0 : 1;
    }

    private static void Table(SoakWorld world, Nemesis nemesis, Samples samples, TimeSpan took)
    {
        void Row(string name, string value) => Console.WriteLine($"| {name,-52} | {value,20} |");
        string Number(long number) => number.ToString("N0", CultureInfo.InvariantCulture);
        Console.WriteLine($"| {"seed " + world.Options.Seed,-52} | {string.Create(CultureInfo.InvariantCulture, $"{took.TotalSeconds:0} s"),20} |");
        Console.WriteLine($"|{new string('-', 54)}|{new string('-', 21)}:|");
        foreach (var (what, count) in world.History.All.Where(count => !History.Violations.Contains(count.Key)))
        {
            Row(what, Number(count));
        }

        Row("requests at the origin", Number(world.Origin.Requests));
        foreach (var (fault, (made, acted)) in nemesis.Log.OrderBy(entry => entry.Key, StringComparer.Ordinal))
        {
            Row($"fault: {fault}", $"{acted} of {made} acted");
        }

        Row("memory of the first gateway: last, most", string.Create(CultureInfo.InvariantCulture, $"{samples.MemoryMegabytes:0} MB, {samples.MostMegabytes:0} MB"));
        Row("its least memory: second quarter, last quarter", string.Create(CultureInfo.InvariantCulture, $"{samples.Floors.Second:0} MB, {samples.Floors.Last:0} MB"));
        Row("a line through its second half", string.Create(CultureInfo.InvariantCulture, $"{samples.Slope:0.0} MB/min"));
        Row("its open files: at the start, at the end", $"{samples.FilesAtStart}, {samples.FilesAtEnd}");
        foreach (var violation in History.Violations)
        {
            Row(violation, Number(world.History[violation]));
        }
    }

    private static object Result(SoakWorld world, Nemesis nemesis, Samples samples, TimeSpan took, bool passed) => new
    {
        passed,
        seconds = took.TotalSeconds,
        seed = world.Options.Seed,
        gateways = world.Options.Gateways,
        counts = world.History.All.ToDictionary(),
        violations = History.Violations.ToDictionary(violation => violation, violation => world.History[violation]),
        examples = world.History.WhatWentWrong,
        faults = nemesis.Log.ToDictionary(entry => entry.Key, entry => new { made = entry.Value.Made, acted = entry.Value.Acted }),
        originRequests = world.Origin.Requests,
        memory = new { last = samples.MemoryMegabytes, most = samples.MostMegabytes, slopePerMinute = samples.Slope, leastSecondQuarter = samples.Floors.Second, leastLastQuarter = samples.Floors.Last },
        files = new { start = samples.FilesAtStart, end = samples.FilesAtEnd },
    };
}
