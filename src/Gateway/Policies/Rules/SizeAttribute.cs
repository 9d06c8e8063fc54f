using System.Text.Json.Nodes;

namespace CacheGateway.Policies.Rules;

/// <summary>A number of bytes from <see cref="Min"/> to <see cref="Max"/>.</summary>
internal sealed class SizeAttribute : ValueRuleAttribute
{
    public string Min { get; init; } = "0B";

    public string Max { get; init; } = "1GB";

    public override string Expected => "a size such as \"16MB\", \"512KB\" or \"900B\"";

    public override string? Problem(string value) =>
        value.StartsWith('-') && SizeText.TryParse(value[1..]) is not null ? "must not be negative"
            : SizeText.TryParse(value) is not { } bytes ? $"must be {Expected}"
            : bytes < SizeText.TryParse(Min) || bytes > SizeText.TryParse(Max) ? $"must be from {Min} to {Max}"
            : null;

    public override void Describe(JsonObject schema) => schema["pattern"] = SizeText.Pattern;
}
