using System.Text.Json;
using CacheGateway.Policies.Rules;

namespace CacheGateway.Policies.Reading;

/// <summary>Reads strings, numbers and switches against their rule; null = wrong, and said so.</summary>
internal sealed class ScalarReader(PolicyErrors errors)
{
    public string? String(JsonElement value, Location at, ValueRuleAttribute? rule)
    {
        var text = JsonText.Of(value);
        var problem = text is null ? $"must be {rule?.Expected ?? "a string"}" : rule?.Problem(text);
        if (problem is null)
        {
            return text;
        }

        errors.AddJson(at, value, problem);
        return null;
    }

    public bool? Flag(JsonElement value, Location at)
    {
        if (value.ValueKind is JsonValueKind.True or JsonValueKind.False)
        {
            return value.GetBoolean();
        }

        errors.AddJson(at, value, "must be true or false");
        return null;
    }

    public int? Whole(JsonElement value, Location at, ValueRuleAttribute? rule)
    {
        if (Number(value, at, rule) is null)
        {
            return null;
        }

        if (value.TryGetInt32(out var whole))
        {
            return whole;
        }

        errors.AddJson(at, value, "must be a whole number without fraction or exponent");
        return null;
    }

    public double? Number(JsonElement value, Location at, ValueRuleAttribute? rule)
    {
        var problem = value.ValueKind == JsonValueKind.Number ? rule?.Problem(value.GetRawText()) : $"must be {rule?.Expected ?? "a number"}";
        if (problem is null)
        {
            return value.GetDouble();
        }

        errors.AddJson(at, value, problem);
        return null;
    }
}
