using System.Text.Json;
using CacheGateway.Policies.Rules;

namespace CacheGateway.Policies.Reading;

/// <summary>Reads strings, numbers and switches against their rule; null = wrong, and said so.</summary>
internal sealed class ScalarReader(PolicyErrors errors)
{
    public string? String(JsonElement value, Location at, ValueRuleAttribute? rule)
    {
        if (TextOf(value) is not { } text)
        {
            errors.AddJson(at, value, $"must be {rule?.Expected ?? "a string"}");
            return null;
        }

        if (rule?.Problem(text) is { } problem)
        {
            errors.AddValue(at, text, problem);
            return null;
        }

        return text;
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

    private static string? TextOf(JsonElement value)
    {
        try
        {
            return value.ValueKind == JsonValueKind.String ? value.GetString() : null;
        }
        catch (InvalidOperationException)
        {
            // JSON can spell half a surrogate pair (\uD800), which is no text.
            return null;
        }
    }
}
