using System.Text.Json;

namespace CacheGateway.Invalidation;

/// <summary>One raise in the audit.</summary>
/// <param name="Place">Orders the entries; what <see cref="IInvalidationAudit.ReadAsync"/> takes to go on.</param>
/// <param name="At">When, by the clock of Redis (of this process, where there is none).</param>
/// <param name="Id">As in the receipt.</param>
/// <param name="Epoch">What it was raised to.</param>
/// <param name="Node">The node that raised it.</param>
/// <param name="Source">Which door it came through.</param>
/// <param name="Who">Who asked, as far as it is known.</param>
/// <param name="Why">In the words of whoever asked.</param>
/// <param name="What">The scope: t tags, u urls, p prefixes, y policies, e every tag, a all, s soft. A text where it was too long to keep whole.</param>
internal sealed record AuditEntry(string Place, DateTimeOffset At, string Id, long Epoch, string Node, string Source, string Who, string Why, JsonElement What)
{
    /// <summary>Longest text of a scope that is kept, in bytes; the raise script cuts at the same. It is ASCII.</summary>
    private const int MostScope = 4096;

    /// <summary>As much of a scope's text as is kept.</summary>
    public static string Cut(string scope) => scope.Length <= MostScope ? scope : scope[..MostScope];

    /// <summary>A scope that was too long to keep whole is shown as the text that was kept.</summary>
    public static JsonElement Scope(string kept)
    {
        try
        {
            return JsonSerializer.Deserialize<JsonElement>(kept);
        }
        catch (JsonException)
        {
            return JsonSerializer.SerializeToElement(kept);
        }
    }
}
