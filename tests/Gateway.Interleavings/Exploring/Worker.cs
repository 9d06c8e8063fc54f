using System.Diagnostics;
using CacheGateway.Interleavings.Redis;

namespace CacheGateway.Interleavings;

/// <summary>
/// Explores in this process, whose thread pool has one thread: what runs there runs in one order, the same each time. Prints what it finds.
/// </summary>
internal static class Worker
{
    /// <summary>Schedules after which it says that it lives.</summary>
    public const long Between = 50;

    public static bool HasOneThread
    {
        get
        {
            ThreadPool.GetMaxThreads(out var most, out _);
            return most == 1;
        }
    }

    public static async Task<int> RunAsync(ExploreOptions options)
    {
        using var real = options.Redis == "memory" ? null : new RealServer();
        IScriptServer server = real is null ? new MemoryServer() : options.Redis == "real" ? real : new BothServers(new MemoryServer(), real);
        var exploration = new Exploration(server, options.Length);
        if (options.Replay is { } choices)
        {
            return await TellAsync(exploration, choices);
        }

        if (options.Show is { } shown)
        {
            return await TellAsync(exploration, exploration.ChoicesOf(options.Seed, shown));
        }

        var clock = Stopwatch.StartNew();
        long done = 0;
        for (long number = options.Worker ?? 0; number < options.Schedules; number += options.Worker is null ? 1 : options.Workers)
        {
            if (await exploration.RunAsync(options.Seed, number) is { } failing)
            {
                Console.WriteLine($"schedule {number} of seed {options.Seed} fails; shrinking {failing.Count} choices ...");
                return await TellAsync(exploration, await exploration.ShrinkAsync(failing));
            }

            if (++done % Between == 0)
            {
                Console.WriteLine($"at {done}, {exploration.Choices} choices, {clock.Elapsed.TotalSeconds:0.0} s");
            }
        }

        Console.WriteLine($"done {done} {exploration.Choices}");
        return 0;
    }

    private static async Task<int> TellAsync(Exploration exploration, IReadOnlyList<int> given) =>
        await TellAsync(exploration, Interleavings.Choices.FromList(given));

    private static async Task<int> TellAsync(Exploration exploration, Choices choices)
    {
        var (failure, story) = await exploration.ReplayAsync(choices);
        foreach (var line in story)
        {
            Console.WriteLine(line);
        }

        Console.WriteLine(failure is null ? "nothing went wrong" : $"FAILURE: {failure}");
        Console.WriteLine($"again: --replay {string.Join(',', choices.Made)}");
        return failure is null ? 0 : 1;
    }
}
