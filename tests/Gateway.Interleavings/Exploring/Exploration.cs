using System.Diagnostics;
using CacheGateway.Interleavings.Redis;

namespace CacheGateway.Interleavings;

/// <summary>Runs schedules one after the other, and makes the first that fails as short as it will go.</summary>
internal sealed class Exploration(IScriptServer server, int length)
{
    /// <summary>Runs of a failing schedule, and time, that shrinking may take.</summary>
    private const int MostTries = 3000;
    private static readonly TimeSpan LongestShrinking = TimeSpan.FromSeconds(20);

    /// <summary>Choices made so far.</summary>
    public long Choices { get; private set; }

    public Choices ChoicesOf(ulong seed, long number) => Interleavings.Choices.FromSeed(Mix(seed, number), length);

    /// <summary>The schedule number <paramref name="number"/> of a seed; the choices that made it fail, or null.</summary>
    public async Task<IReadOnlyList<int>?> RunAsync(ulong seed, long number)
    {
        var choices = ChoicesOf(seed, number);
        var (failure, _) = await RunAsync(choices, traces: false);
        Choices += choices.Made.Count;
        return failure is null ? null : choices.Made;
    }

    /// <summary>What goes wrong under these choices, and the story of it.</summary>
    public Task<(string? Failure, IReadOnlyList<string> Story)> ReplayAsync(Choices choices) => RunAsync(choices, traces: true);

    /// <summary>Fewer and lower choices under which something still goes wrong.</summary>
    public async Task<IReadOnlyList<int>> ShrinkAsync(IReadOnlyList<int> failing)
    {
        var best = failing.ToList();
        var tries = 0;
        var clock = Stopwatch.StartNew();
        async Task<bool> TryAsync(List<int> other)
        {
            var choices = Interleavings.Choices.FromList(other);
            if (++tries > MostTries || clock.Elapsed > LongestShrinking || (await RunAsync(choices, traces: false)).Failure is null)
            {
                return false;
            }

            // What was given but never asked for is not part of it.
            best = choices.Made.Count < other.Count ? [.. choices.Made] : other;
            return true;
        }

        bool again;
        do
        {
            again = false;
            for (var size = best.Count / 2; size >= 1; size /= 2)
            {
                for (var at = best.Count - size; at >= 0; at -= size)
                {
                    if (at + size <= best.Count && await TryAsync([.. best[..at], .. best[(at + size)..]]))
                    {
                        again = true;
                    }
                }
            }

            for (var at = 0; at < best.Count; at++)
            {
                foreach (var lower in (int[])[0, best[at] / 2, best[at] - 1])
                {
                    if (at < best.Count && lower >= 0 && lower < best[at] && await TryAsync([.. best[..at], lower, .. best[(at + 1)..]]))
                    {
                        again = true;
                        break;
                    }
                }
            }
        }
        while (again && tries < MostTries && clock.Elapsed < LongestShrinking);
        return best;
    }

    private async Task<(string? Failure, IReadOnlyList<string> Story)> RunAsync(Choices choices, bool traces)
    {
        using var world = new World(choices, server, traces);
        try
        {
            await world.RunAsync();
        }
        catch (Exception exception)
        {
            world.Fail(exception.ToString());
        }

        return (world.Failure, world.Story);
    }

    /// <summary>SplitMix64: neighbouring numbers give schedules that have nothing in common.</summary>
    private static ulong Mix(ulong seed, long number)
    {
        var mixed = seed + (0x9E3779B97F4A7C15UL * (ulong)(number + 1));
        mixed = (mixed ^ (mixed >> 30)) * 0xBF58476D1CE4E5B9UL;
        mixed = (mixed ^ (mixed >> 27)) * 0x94D049BB133111EBUL;
        return mixed ^ (mixed >> 31);
    }
}
