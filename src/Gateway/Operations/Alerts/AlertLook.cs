namespace CacheGateway.Operations.Alerts;

/// <summary>What one rule saw of one subject at one moment.</summary>
/// <param name="Rule">The rule's name in kebab case: a label of metrics.</param>
/// <param name="Subject">The policy it is about; empty = the gateway.</param>
/// <param name="IsBad">Past the threshold; null = there was too little to judge by.</param>
/// <param name="IsGood">Back behind it by a margin, so that a value on the edge does not flap.</param>
/// <param name="Value">What was measured.</param>
/// <param name="Threshold">Past what it is bad.</param>
/// <param name="Severity">warning or critical.</param>
/// <param name="Title">What is the matter, in one sentence with its numbers.</param>
/// <param name="Recommendation">What to do, in plain words.</param>
internal sealed record AlertLook(
    string Rule, string Subject, bool? IsBad, bool IsGood, double Value, double Threshold, string Severity, string Title, string Recommendation)
{
    /// <summary>How far back behind the threshold a value must come, as a part of it.</summary>
    private const double Margin = 0.1;

    /// <summary>Bad below the threshold. Good is never more than halfway from it to <paramref name="most"/>, which is all that the value can be.</summary>
    public static AlertLook Below(string rule, string subject, double? value, double threshold, double most, string title, string recommendation, string severity = "warning") => new(
        rule, subject, value is { } low ? low < threshold : null, value is not { } high || high >= Math.Min(threshold * (1 + Margin), (threshold + most) / 2), value ?? 0, threshold, severity, title,
        recommendation);

    /// <summary>Bad above the threshold.</summary>
    public static AlertLook Above(string rule, string subject, double? value, double threshold, string title, string recommendation, string severity = "warning") => new(
        rule, subject, value is { } high ? high > threshold : null, value is not { } low || low <= threshold * (1 - Margin), value ?? 0, threshold, severity, title, recommendation);

    /// <summary>Bad while something holds.</summary>
    public static AlertLook While(string rule, bool holds, string title, string recommendation, string severity = "critical") =>
        new(rule, "", holds, !holds, holds ? 1 : 0, 0, severity, title, recommendation);
}
