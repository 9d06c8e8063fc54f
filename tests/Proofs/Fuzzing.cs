using System.Diagnostics;
using System.Globalization;
using System.Text;

namespace CacheGateway.Proofs;

/// <summary>
/// Runs a property over inputs that are made of good ones by damage, each from its number alone. <c>FUZZ_CASES</c> says how many (2,000 of each
/// target where nothing is said), <c>FUZZ_SEED</c> where to begin; tests/fuzz sets both, and is told how far each target is. What was ever found lies
/// in the test project's Fuzz/Found and is tried first.
/// </summary>
internal static class Fuzzing
{
    /// <summary>Nothing takes near as long; what does has gone wrong.</summary>
    private static readonly TimeSpan Longest = TimeSpan.FromSeconds(30);

    /// <summary>Between two lines about one target.</summary>
    private static readonly TimeSpan TellEvery = TimeSpan.FromSeconds(10);

    private static readonly int Seed = Number("FUZZ_SEED", 1);

    private static readonly bool IsTold = Environment.GetEnvironmentVariable("FUZZ_CASES") is not null;

    /// <param name="target">What is fuzzed; the name of its files in Found.</param>
    /// <param name="good">Inputs to begin with; one character is one byte.</param>
    /// <param name="words">What matters to the reader and is put in here and there.</param>
    /// <param name="holds">Throws where it does not.</param>
    public static void Run(string target, string[] good, string[] words, Action<string> holds) =>
        RunAsync(target, good, words, input =>
        {
            holds(input);
            return Task.CompletedTask;
        }).GetAwaiter().GetResult();

    /// <summary>The same for what needs a socket; <paramref name="cases"/> where nothing is said.</summary>
    public static async Task RunAsync(string target, string[] good, string[] words, Func<string, Task> holds, int cases = 2_000)
    {
        var found = new DirectoryInfo(Path.Combine(AppContext.BaseDirectory, "Fuzz", "Found"));
        foreach (var file in found.Exists ? found.EnumerateFiles($"{target}-*.txt") : [])
        {
            await TryAsync($"{target}, {file.Name}", Encoding.Latin1.GetString(Convert.FromBase64String(File.ReadAllText(file.FullName))), holds);
        }

        cases = Number("FUZZ_CASES", cases);
        var (watch, told) = (Stopwatch.StartNew(), TimeSpan.Zero);
        for (var number = 0; number < cases; number++)
        {
            if (watch.Elapsed - told > TellEvery)
            {
                told = watch.Elapsed;
                Tell(target, $"{number,13:N0} of {cases:N0}");
            }

            await TryAsync($"{target}, case {number} of seed {Seed}", Damaged(good, words, new Random(SeedOf(target, number))), holds);
        }

        Tell(target, $"{cases,13:N0} in {watch.Elapsed.TotalSeconds:N0} s");
        Counted.Leave("fuzz cases", cases);
    }

    private static void Tell(string target, FormattableString how)
    {
        if (IsTold)
        {
            Console.WriteLine($"  {target,-16}{how.ToString(CultureInfo.InvariantCulture)}");
        }
    }

    private static async Task TryAsync(string name, string input, Func<string, Task> holds)
    {
        var watch = Stopwatch.StartNew();
        string? wrong = null;
        try
        {
            await holds(input);
        }
        catch (Exception exception)
        {
            wrong = exception.ToString();
        }

        if (wrong is null && watch.Elapsed > Longest)
        {
            wrong = $"it took {watch.Elapsed.TotalSeconds:0} s";
        }

        Assert.True(wrong is null, $"{name}: {wrong}\nTo keep it, put this into Fuzz/Found/{name.Split(',')[0]}-NAME.txt:\n{Convert.ToBase64String(Encoding.Latin1.GetBytes(input))}");
    }

    private static string Damaged(string[] good, string[] words, Random dice)
    {
        var text = new StringBuilder(good[dice.Next(good.Length)]);
        for (var damages = dice.Next(0, 6); damages > 0; damages--)
        {
            var at = dice.Next(text.Length + 1);
            var length = Math.Min(dice.Next(1, 12), text.Length - at);
            switch (dice.Next(7))
            {
                case 0:
                    text.Remove(at, length);
                    break;
                case 1:
                    text.Insert(at, text.ToString(at, length));
                    break;
                case 2:
                    text.Insert(at, (char)dice.Next(256));
                    break;
                case 3 when length > 0:
                    text[at] = (char)dice.Next(256);
                    break;
                case 4:
                    text.Insert(at, words[dice.Next(words.Length)], dice.Next(1, 4));
                    break;
                case 5:
                    var other = good[dice.Next(good.Length)];
                    text.Remove(at, text.Length - at).Append(other[dice.Next(other.Length + 1)..]);
                    break;
                default:
                    text.Insert(at, words[dice.Next(words.Length)]);
                    break;
            }
        }

        return text.ToString();
    }

    /// <exception cref="FormatException">It is set, and is no number: fewer cases than were asked for must not look like all of them.</exception>
    private static int Number(string variable, int otherwise) =>
        Environment.GetEnvironmentVariable(variable) is { } text ? int.Parse(text, NumberStyles.None, CultureInfo.InvariantCulture) : otherwise;

    /// <summary>The same in every process, so that a case can be had again.</summary>
    private static int SeedOf(string target, int number) =>
        unchecked(((target.Aggregate(17, (hash, c) => (hash * 31) + c) * 1_000_003) ^ (Seed * 7919)) + (number * 104_729));
}
