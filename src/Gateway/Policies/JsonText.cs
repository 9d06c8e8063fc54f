using System.Text.Json;

namespace CacheGateway.Policies;

/// <summary>
/// Reads names and strings of JSON that anybody may have written. JSON can spell half a surrogate pair ("\ud800"), which is no text and which
/// the framework answers with an exception; here it counts as absent.
/// </summary>
internal static class JsonText
{
    /// <summary>The text of a string; null for every other kind.</summary>
    public static string? Of(JsonElement value)
    {
        try
        {
            return value.ValueKind == JsonValueKind.String ? value.GetString() : null;
        }
        catch (InvalidOperationException)
        {
            return null;
        }
    }

    /// <summary>The name of a member.</summary>
    public static string? NameOf(JsonProperty member)
    {
        try
        {
            return member.Name;
        }
        catch (InvalidOperationException)
        {
            return null;
        }
    }

    /// <summary>The named member; null where there is none, and for what is no object.</summary>
    public static JsonElement? Member(JsonElement value, string name)
    {
        try
        {
            return value.ValueKind == JsonValueKind.Object && value.TryGetProperty(name, out var member) ? member : null;
        }
        catch (InvalidOperationException)
        {
            // Comparing names reads them, even those that are not asked for.
            return null;
        }
    }
}
