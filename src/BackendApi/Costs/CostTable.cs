using System.Globalization;
using BackendApi.Hosting;

namespace BackendApi.Costs;

/// <summary>How long each endpoint takes in the system it was taken from (section <c>Costs</c>: name, milliseconds), times a scale.</summary>
internal sealed class CostTable
{
    private readonly Dictionary<string, TimeSpan> _targets;

    public CostTable(IConfigurationSection section, double scale)
    {
        _targets = section.GetChildren().ToDictionary(entry => entry.Key, entry => Target(entry) * scale, StringComparer.Ordinal);
    }

    public TimeSpan TargetFor(string endpoint) => _targets.TryGetValue(endpoint, out var target)
        ? target
        : throw new InvalidOperationException($"No cost is set for the endpoint \"{endpoint}\" (section Costs).");

    /// <summary>What is left of the target after the time that the request really took.</summary>
    public static TimeSpan Rest(TimeSpan target, TimeSpan spent) => spent < target ? target - spent : TimeSpan.Zero;

    private static TimeSpan Target(IConfigurationSection entry) =>
        double.TryParse(entry.Value, CultureInfo.InvariantCulture, out var milliseconds) && milliseconds is >= 0 and <= 60_000
            ? TimeSpan.FromMilliseconds(milliseconds)
            : throw new BadUsageException($"Costs:{entry.Key} is \"{entry.Value}\"; it must be milliseconds from 0 to 60000.");
}
