using System.Text.Json.Serialization;
using CacheGateway.Diagnostics.Traffic;
using CacheGateway.Model;

namespace CacheGateway.Invalidation;

/// <summary>What an invalidation raised, cascade included, with the members of the request; what is empty is left out.</summary>
internal sealed record RaisedScope
{
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyList<string>? Tags { get; private init; }

    /// <summary>"all" where what carries every one of the tags was meant; null = each of them.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Match { get; private init; }

    /// <summary>The values of their queries hidden.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyList<string>? Urls { get; private init; }

    /// <summary>Hidden in them what is hidden in URLs.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyList<string>? Prefixes { get; private init; }

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyList<string>? Policies { get; private init; }

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public bool All { get; private init; }

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public bool Soft { get; private init; }

    /// <param name="scope">Of tags it names either each or every one: no door takes both.</param>
    public static RaisedScope Of(InvalidationScope scope) => new()
    {
        Tags = Some([.. (scope.Every.Length > 0 ? scope.Every : scope.Tags).Order(StringComparer.Ordinal)]),
        Match = scope.Every.Length > 0 ? "all" : null,
        Urls = Redacted(scope.Urls),
        Prefixes = Redacted(scope.Prefixes),
        Policies = Some(scope.Policies),
        All = scope.All,
        Soft = scope.Soft,
    };

    private static string[]? Some(string[] names) => names.Length == 0 ? null : names;

    /// <summary>Spellings of one URL may look alike once they are hidden.</summary>
    private static string[]? Redacted(string[] urls) =>
        urls.Length == 0 ? null : [.. urls.Select(RedactedKey.OfUrl).Distinct(StringComparer.Ordinal)];
}
