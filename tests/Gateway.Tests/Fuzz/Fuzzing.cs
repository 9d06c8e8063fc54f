using System.Diagnostics;
using System.Globalization;
using System.Text;

namespace CacheGateway.Tests.Fuzz;

/// <summary>
/// Runs a property over inputs that are made of good ones by damage, each from its number alone. FUZZ_CASES says how many (2,000 where nothing is
/// said), FUZZ_SEED where to begin. What was ever found lies in Found/ and is tried first.
/// </summary>
internal static class Fuzzing
{
    /// <summary>Nothing that is parsed here takes near as long.</summary>
    private static readonly TimeSpan Longest = TimeSpan.FromSeconds(2);

    private static readonly int Cases = Number("FUZZ_CASES", 2_000);
    private static readonly int Seed = Number("FUZZ_SEED", 1);

    /// <param name="target">What is fuzzed; the name of its files in Found/.</param>
    /// <param name="good">Inputs to begin with.</param>
    /// <param name="words">What matters to the parser and is put in here and there.</param>
    /// <param name="holds">Throws where it does not.</param>
    public static void Run(string target, string[] good, string[] words, Action<string> holds)
    {
        var found = new DirectoryInfo(Path.Combine(AppContext.BaseDirectory, "Fuzz", "Found"));
        foreach (var file in found.Exists ? found.EnumerateFiles($"{target}-*.txt") : [])
        {
            Try(target, file.Name, Encoding.Latin1.GetString(Convert.FromBase64String(File.ReadAllText(file.FullName))), holds);
        }

        for (var number = 0; number < Cases; number++)
        {
            Try(target, $"case {number} of seed {Seed}", Damage(good, words, new Random(NumberOf(target, Seed, number))), holds);
        }

        Counted.Leave("fuzz cases", Cases);
    }

    private static void Try(string target, string name, string input, Action<string> holds)
    {
        var watch = Stopwatch.StartNew();
        try
        {
            holds(input);
        }
        catch (Exception exception)
        {
            Assert.Fail($"{target}, {name}: {exception}\nTo keep it, put this line into Fuzz/Found/{target}-NAME.txt:\n{Convert.ToBase64String(Encoding.Latin1.GetBytes(input))}");
        }

        Assert.True(watch.Elapsed < Longest, $"{target}, {name} took {watch.Elapsed.TotalSeconds:0.0} s:\n{Convert.ToBase64String(Encoding.Latin1.GetBytes(input))}");
    }

    private static string Damage(string[] good, string[] words, Random dice)
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

    private static int Number(string variable, int otherwise) =>
        int.TryParse(Environment.GetEnvironmentVariable(variable), NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : otherwise;

    /// <summary>The same in every process, so that a case can be had again.</summary>
    private static int NumberOf(string target, int seed, int number) =>
        unchecked(((target.Aggregate(17, (hash, c) => (hash * 31) + c) * 1_000_003) ^ (seed * 7919)) + (number * 104_729));
}
