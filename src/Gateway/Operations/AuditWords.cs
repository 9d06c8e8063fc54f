using System.Globalization;
using System.Text.Json;
using CacheGateway.Invalidation.Redis;
using CacheGateway.Model;

namespace CacheGateway.Operations;

/// <summary>What an invalidation named, in words: "tags a, b and URL /x, softly".</summary>
internal static class AuditWords
{
    private const int MostNames = 8;
    private const int Longest = 500;

    private static readonly (string Member, string One, string Many)[] Kinds =
        [("t", "tag", "tags"), ("e", "all of the tags", "all of the tags"), ("u", "URL", "URLs"), ("p", "prefix", "prefixes"), ("y", "policy", "policies")];

    /// <summary>An invalidation that is about to be told of: as the audit will have it, queries hidden, cut where it is longer than a line of a feed may be.</summary>
    public static string Of(InvalidationScope scope)
    {
        using var wire = JsonDocument.Parse(ScopeText.Write(scope));
        var words = Of(AuditView.Redacted(wire.RootElement));
        return words.Length > Longest ? words[..Longest] + "…" : words;
    }

    /// <param name="scope">As an entry of the audit has it.</param>
    public static string Of(JsonElement scope)
    {
        if (scope.ValueKind != JsonValueKind.Object)
        {
            return "more than the audit keeps";
        }

        var parts = Kinds.Select(kind => Names(scope, kind.Member) is { Length: > 0 } names ? $"{(names.Length == 1 ? kind.One : kind.Many)} {Join(names)}" : null).OfType<string>();
        var all = IsSet(scope, "a") ? "everything" : string.Join(" and ", parts);
        return IsSet(scope, "s") ? $"{all}, softly" : all;
    }

    private static string Join(string[] names) =>
        string.Join(", ", names.Take(MostNames)) + (names.Length > MostNames ? $" and {(names.Length - MostNames).ToString("#,0", CultureInfo.InvariantCulture)} more" : "");

    private static string[] Names(JsonElement scope, string member) =>
        scope.TryGetProperty(member, out var names) && names.ValueKind == JsonValueKind.Array ? [.. names.EnumerateArray().Select(name => name.ToString())] : [];

    private static bool IsSet(JsonElement scope, string member) => scope.TryGetProperty(member, out var value) && value.ValueKind == JsonValueKind.True;
}
