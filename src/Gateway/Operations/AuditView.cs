using System.Text.Json;
using CacheGateway.Diagnostics.Traffic;
using CacheGateway.Invalidation;

namespace CacheGateway.Operations;

/// <summary>Who invalidated what, when and why, the newest first, as people may see it: what writers through the gateway had in their URLs is hidden.</summary>
internal sealed class AuditView(IInvalidationAudit audit)
{
    private const int LongestPlace = 64;

    /// <summary>Whether a text may be the place of an entry.</summary>
    public static bool IsPlace(string text) => text.Length is > 0 and <= LongestPlace && text.All(c => char.IsAsciiDigit(c) || c == '-');

    /// <summary>Null when Redis, where it is kept, cannot say now.</summary>
    /// <param name="limit">How many.</param>
    /// <param name="before">The place of an entry: only what is older.</param>
    public async Task<AuditAnswer?> ReadAsync(int limit, string? before)
    {
        if (await audit.ReadAsync(limit, before) is not { } entries)
        {
            return null;
        }

        return new AuditAnswer([.. entries.Select(entry => entry with { What = Redacted(entry.What) })], entries.Count > 0 ? entries[^1].Place : null);
    }

    /// <summary>A scope as people may see it: the queries of its URLs and prefixes hidden.</summary>
    internal static JsonElement Redacted(JsonElement scope)
    {
        // What was too long to be kept whole is a text that ends somewhere, perhaps within a URL.
        if (scope.ValueKind != JsonValueKind.Object)
        {
            return JsonSerializer.SerializeToElement("…");
        }

        var shown = new Dictionary<string, object>();
        foreach (var member in scope.EnumerateObject())
        {
            shown[member.Name] = member.Name is "u" or "p" && member.Value.ValueKind == JsonValueKind.Array
                ? member.Value.EnumerateArray().Select(url => RedactedKey.OfUrl(url.ToString())).ToArray()
                : member.Value;
        }

        return JsonSerializer.SerializeToElement(shown);
    }
}

/// <param name="Entries">The newest first.</param>
/// <param name="Next">To be given as <c>before</c> for the entries that follow; null where there are none.</param>
internal sealed record AuditAnswer(IReadOnlyList<AuditEntry> Entries, string? Next);
