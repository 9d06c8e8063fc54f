using System.Text.Json;

namespace CacheGateway.Dashboard.Reading;

/// <summary>What an invalidation named, in words: "tags a, b and URL /x, softly".</summary>
internal static class AuditWords
{
    private const int MostNames = 8;

    private static readonly (string Member, string One, string Many)[] Kinds =
        [("t", "tag", "tags"), ("e", "all of the tags", "all of the tags"), ("u", "URL", "URLs"), ("p", "prefix", "prefixes"), ("y", "policy", "policies")];

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
        string.Join(", ", names.Take(MostNames)) + (names.Length > MostNames ? $" and {Components.Show.Count(names.Length - MostNames)} more" : "");

    private static string[] Names(JsonElement scope, string member) =>
        scope.TryGetProperty(member, out var names) && names.ValueKind == JsonValueKind.Array ? [.. names.EnumerateArray().Select(name => name.ToString())] : [];

    private static bool IsSet(JsonElement scope, string member) => scope.TryGetProperty(member, out var value) && value.ValueKind == JsonValueKind.True;
}
