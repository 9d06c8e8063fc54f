using System.Globalization;
using CacheGateway.Model;

namespace CacheGateway.Http;

/// <summary>
/// Brings request header values that mean the same into one form (RFC 9111 4.1 allows it where the field's own grammar does): lists without
/// optional white space, Accept-Encoding and Accept-Language by weight and without case. Two values that an origin could tell apart by what
/// they accept never become equal.
/// </summary>
public static class VaryNormaliser
{
    public static string? Normalise(string name, string? value, VaryAction action)
    {
        ArgumentNullException.ThrowIfNull(name);
        if (value is null || action == VaryAction.Exact)
        {
            return value;
        }

        if (name.Equals("Accept-Encoding", StringComparison.OrdinalIgnoreCase) || name.Equals("Accept-Language", StringComparison.OrdinalIgnoreCase))
        {
            return Weighted(value);
        }

        return IsPlain(value) ? value : List(value);
    }

    private static bool IsPlain(string value) => value.AsSpan().IndexOfAny(" \t,") < 0;

    /// <summary>Members trimmed and joined by ", "; empty ones dropped (RFC 9110 5.6.1). Quoted commas split too, the same way on both sides.</summary>
    private static string List(string value) =>
        value.Contains(',', StringComparison.Ordinal)
            ? string.Join(", ", value.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
            : value.Trim(' ', '\t');

    /// <summary>Lower case, by falling weight, then by name; weights of 1 dropped, others in one spelling; weight 0 kept: a refusal differs from silence.</summary>
    private static string Weighted(string value)
    {
        var members = value.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries)
            .Select(Parse)
            .OrderByDescending(member => member.Weight)
            .ThenBy(member => member.Name, StringComparer.Ordinal)
            .Select(member => member.Weight == 1000 ? member.Name : string.Create(CultureInfo.InvariantCulture, $"{member.Name};q={member.Weight}"));
        return string.Join(",", members);
    }

    private static (string Name, int Weight) Parse(string member)
    {
        var semicolon = member.IndexOf(';', StringComparison.Ordinal);
        if (semicolon < 0)
        {
            return (member.ToLowerInvariant(), 1000);
        }

        var parameter = member.AsSpan(semicolon + 1).Trim(" \t");
        var isWeight = parameter.StartsWith("q=", StringComparison.OrdinalIgnoreCase)
            && decimal.TryParse(parameter[2..], NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out _);
        // What is not a weight stays part of the name, so that it keeps telling requests apart.
        return isWeight
            ? (member[..semicolon].Trim(' ', '\t').ToLowerInvariant(), (int)(Math.Clamp(decimal.Parse(parameter[2..], NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture), 0, 1) * 1000))
            : (member.ToLowerInvariant(), 1000);
    }
}
