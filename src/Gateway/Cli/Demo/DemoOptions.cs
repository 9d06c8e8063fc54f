using System.CommandLine;
using System.Globalization;
using CacheGateway.Hosting;

namespace CacheGateway.Cli.Demo;

/// <summary>What <c>demo</c> was told, checked.</summary>
internal sealed record DemoOptions
{
    /// <summary>Below this the slow reports have not been asked often enough for a ratio to say anything.</summary>
    private static readonly TimeSpan Shortest = TimeSpan.FromSeconds(5);

    /// <summary>Beyond it the slowest report takes longer than a gateway waits for an origin.</summary>
    private const double MostScale = 10;

    public required TimeSpan Duration { get; init; }

    public required string BackendUrl { get; init; }

    public required string Url { get; init; }

    public required string AdminUrl { get; init; }

    /// <summary>PostgreSQL for the backend, which fills it; null = built-in data.</summary>
    public string? Database { get; init; }

    public required double CostScale { get; init; }

    public string? JsonFile { get; init; }

    /// <summary>End after the table instead of staying up.</summary>
    public bool Exit { get; init; }

    /// <exception cref="SettingsException">A value cannot work.</exception>
    public static DemoOptions Read(Func<string, string?> given, bool exit) => new()
    {
        Duration = DurationOf(given("--duration") ?? "60s"),
        BackendUrl = given("--backend-urls") ?? "http://127.0.0.1:8000",
        Url = given("--urls") ?? "http://127.0.0.1:8080",
        AdminUrl = given("--admin-urls") ?? "http://127.0.0.1:8081",
        Database = given("--database"),
        CostScale = ScaleOf(given("--cost-scale") ?? "1"),
        JsonFile = given("--json"),
        Exit = exit,
    };

    public static Option<string?>[] Options() =>
    [
        Text("--duration", "How long the traffic lasts (default 60s, at least 5s).", "TIME"),
        Text("--backend-urls", "Where the backend listens (default http://127.0.0.1:8000; port 0 = any free one).", "URL"),
        Text("--urls", "Where the gateway listens (default http://127.0.0.1:8080).", "URL"),
        Text("--admin-urls", "Where the gateway's admin API listens (default http://127.0.0.1:8081).", "URL"),
        Text("--database", "PostgreSQL for the backend, as \"Host=...;Database=...\" or postgres://... (default: built-in data); it is filled and written to.", "CONNECTION"),
        Text("--cost-scale", $"Multiplies the backend's costs, 0 to {MostScale} (default 1).", "FACTOR"),
        Text("--json", "Also write the figures to this file.", "FILE"),
    ];

    private static Option<string?> Text(string name, string description, string argument) =>
        new(name) { Description = description, HelpName = argument };

    private static TimeSpan DurationOf(string text)
    {
        var duration = SettingText.Time("--duration", text);
        return duration >= Shortest ? duration : throw new SettingsException($"--duration: \"{text}\" is too short; use at least 5s");
    }

    private static double ScaleOf(string text) =>
        double.TryParse(text, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var scale) && scale is >= 0 and <= MostScale
            ? scale
            : throw new SettingsException($"--cost-scale: \"{text}\" is not a factor from 0 to {MostScale}");
}
