using System.Globalization;
using System.Text.Json.Nodes;

namespace CacheGateway.Policies.Rules;

/// <summary>A number within bounds, whole where the member is an <see cref="int"/>.</summary>
internal sealed class BetweenAttribute(double min, double max) : ValueRuleAttribute
{
    public double Min { get; } = min;

    public double Max { get; } = max;

    public override string Expected => string.Create(CultureInfo.InvariantCulture, $"a number from {Min} to {Max}");

    public override string? Problem(string value) =>
        double.TryParse(value, CultureInfo.InvariantCulture, out var number) && number >= Min && number <= Max ? null : $"must be {Expected}";

    public override void Describe(JsonObject schema)
    {
        schema["minimum"] = Min;
        schema["maximum"] = Max;
    }
}
