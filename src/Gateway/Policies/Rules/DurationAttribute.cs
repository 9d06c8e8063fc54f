using System.Text.Json.Nodes;

namespace CacheGateway.Policies.Rules;

/// <summary>A duration from <see cref="Min"/> to <see cref="Max"/>.</summary>
internal sealed class DurationAttribute : ValueRuleAttribute
{
    public string Min { get; init; } = "0s";

    public string Max { get; init; } = "365d";

    public override string Expected => "a duration such as \"5m\", \"30s\", \"1h\", \"250ms\" or \"1d\"";

    public override string? Problem(string value) =>
        value.StartsWith('-') && DurationText.TryParse(value[1..]) is not null ? "must not be negative"
            : DurationText.TryParse(value) is not { } duration ? $"must be {Expected}"
            : duration < DurationText.TryParse(Min) ? $"must not be shorter than {Min}"
            : duration > DurationText.TryParse(Max) ? $"must not be longer than {Max}"
            : null;

    public override void Describe(JsonObject schema) => schema["pattern"] = DurationText.Pattern;
}
