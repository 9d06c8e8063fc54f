using System.Globalization;

namespace CacheGateway.Interleavings;

/// <summary>The explorer's command line.</summary>
internal sealed record ExploreOptions
{
    public const string Usage = """
        Gateway.Interleavings --schedules N [--seed S] [--length CHOICES] [--workers PROCESSES] [--redis memory|real|both]
        Gateway.Interleavings --show SCHEDULE [--seed S] [--length CHOICES]
        Gateway.Interleavings --replay CHOICE,CHOICE,...
        Anything else runs the tests.
        """;

    public long Schedules { get; init; } = 20_000;

    public ulong Seed { get; init; } = 1;

    /// <summary>Choices of one schedule.</summary>
    public int Length { get; init; } = 160;

    public int Workers { get; init; } = Environment.ProcessorCount;

    public string Redis { get; init; } = "memory";

    public IReadOnlyList<int>? Replay { get; init; }

    /// <summary>One schedule whose story is told, whether it fails or not.</summary>
    public long? Show { get; init; }

    /// <summary>Which part of the schedules a worker runs; null = the parent of the workers.</summary>
    public int? Worker { get; init; }

    public static bool IsAsked(string[] args) => args.Any(arg => arg is "--schedules" or "--show" or "--replay");

    public static ExploreOptions Parse(string[] args)
    {
        var options = new ExploreOptions();
        for (var i = 0; i < args.Length; i += 2)
        {
            var value = i + 1 < args.Length ? args[i + 1] : throw new ArgumentException($"{args[i]} needs a value.\n{Usage}");
            options = args[i] switch
            {
                "--schedules" => options with { Schedules = long.Parse(value, CultureInfo.InvariantCulture) },
                "--seed" => options with { Seed = ulong.Parse(value, CultureInfo.InvariantCulture) },
                "--length" => options with { Length = int.Parse(value, CultureInfo.InvariantCulture) },
                "--workers" => options with { Workers = int.Parse(value, CultureInfo.InvariantCulture) },
                "--worker" => options with { Worker = int.Parse(value, CultureInfo.InvariantCulture) },
                "--show" => options with { Show = long.Parse(value, CultureInfo.InvariantCulture) },
                "--redis" when value is "memory" or "real" or "both" => options with { Redis = value },
                "--replay" => options with { Replay = [.. value.Split(',', StringSplitOptions.RemoveEmptyEntries).Select(one => int.Parse(one, CultureInfo.InvariantCulture))] },
                _ => throw new ArgumentException($"{args[i]} {value} is not known.\n{Usage}"),
            };
        }

        return options;
    }

    public IEnumerable<string> ToArguments(int worker) =>
    [
        "--schedules", $"{Schedules}", "--seed", $"{Seed}", "--length", $"{Length}", "--workers", $"{Workers}", "--redis", Redis, "--worker", $"{worker}",
        .. Show is { } shown ? (string[])["--show", $"{shown}"] : [],
        .. Replay is { } replayed ? (string[])["--replay", string.Join(',', replayed)] : [],
    ];

    /// <summary>Whether it is about one schedule and its story.</summary>
    public bool IsStory => Replay is not null || Show is not null;
}
