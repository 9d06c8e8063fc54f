using System.Globalization;
using CacheGateway.Warming;

namespace CacheGateway.Dashboard.Forms;

/// <summary>The warm-up form as it was filled; pure. The order it makes is judged by the planner, as the API's body is.</summary>
/// <param name="Popular">The keys that are asked for most.</param>
/// <param name="Policy">A policy by name; empty = none.</param>
/// <param name="Urls">One a line.</param>
/// <param name="Concurrency">Fetches side by side.</param>
/// <param name="Rate">Most a second; 0 = no limit.</param>
internal sealed record WarmForm(bool Popular, string Policy, string Urls, int Concurrency, double Rate)
{
    private const int UsualConcurrency = 4;

    /// <param name="value">A value of the form by its name; null when it is not there.</param>
    public static WarmForm Read(Func<string, string?> value)
    {
        ArgumentNullException.ThrowIfNull(value);
        return new WarmForm(
            value("popular") == "on", value("policy") ?? "", value("urls") ?? "",
            int.TryParse(value("concurrency"), NumberStyles.None, CultureInfo.InvariantCulture, out var concurrency) ? concurrency : UsualConcurrency,
            double.TryParse(value("rate"), NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var rate) ? rate : 0);
    }

    public WarmOrder Order => new()
    {
        Popular = Popular,
        Policies = Policy.Length > 0 ? [Policy] : [],
        Urls = Urls.ReplaceLineEndings("\n").Split('\n', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries),
        Concurrency = Concurrency,
        RatePerSecond = Rate,
    };
}
