using System.Diagnostics.CodeAnalysis;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;
using CacheGateway.Model;
using CacheGateway.Storage;

namespace CacheGateway.Invalidation.Redis;

/// <summary>
/// A scope on the wire, version 1 (field "v" of the stream's entries):
/// <code>
/// {"t":["product:7"],"u":["http://h/p"],"p":["/api/"],"y":["products"],"e":["a","b"],"a":true,"s":true}
///  tags              urls                prefixes       policies           every tag     all       soft
/// </code>
/// and its marks, one member of the sorted set each: <c>h</c> or <c>s</c> (hard, soft), then <c>t u p y e a</c>, then the name; of <c>e</c>
/// the tags with a space between, in order. A URL whose target is long stands there as <see cref="TargetName.Brief"/> gives it. A scope or mark that cannot be read (written by a newer version) names everything: too early, never too late.
/// </summary>
internal static class ScopeText
{
    public static readonly InvalidationScope Everything = new() { All = true };

    private static readonly JsonSerializerOptions Json = new()
    {
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
        UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
        AllowDuplicateProperties = false,
    };

    public static string Write(InvalidationScope scope) => JsonSerializer.Serialize(
        new Wire(Some(scope.Tags), Some(scope.Urls), Some(scope.Prefixes), Some(scope.Policies), Some(scope.Every), scope.All ? true : null, scope.Soft ? true : null), Json);

    public static bool TryRead(string text, [NotNullWhen(true)] out InvalidationScope? scope)
    {
        scope = null;
        try
        {
            if (JsonSerializer.Deserialize<Wire>(text, Json) is { } wire)
            {
                scope = new InvalidationScope
                {
                    Tags = wire.Tags ?? [],
                    Urls = wire.Urls ?? [],
                    Prefixes = wire.Prefixes ?? [],
                    Policies = wire.Policies ?? [],
                    Every = wire.Every ?? [],
                    All = wire.All == true,
                    Soft = wire.Soft == true,
                };
            }
        }
        catch (JsonException)
        {
            return false;
        }

        return scope is not null && IsValid(scope);
    }

    /// <summary>Whether every name in it can be compared with a stored response.</summary>
    public static bool IsValid(InvalidationScope scope) =>
        Array.TrueForAll(scope.Tags, tag => TagText.IsTag(tag)) && Array.TrueForAll(scope.Every, tag => TagText.IsTag(tag))
        && Array.TrueForAll(scope.Policies, policy => policy is { Length: > 0 })
        && Array.TrueForAll(scope.Urls, url => url is not null && TargetName.TryParseUrl(url, out _))
        && Array.TrueForAll(scope.Prefixes, prefix => prefix is not null && TargetName.TryParse(prefix, out _));

    /// <summary>The marks of a scope, without a hard "all", which is the floor.</summary>
    public static IEnumerable<string> Marks(InvalidationScope scope)
    {
        var kind = scope.Soft ? "s" : "h";
        return
        [
            .. scope.Tags.Select(tag => kind + "t" + tag), .. scope.Urls.Select(url => kind + "u" + url),
            .. scope.Prefixes.Select(prefix => kind + "p" + prefix), .. scope.Policies.Select(policy => kind + "y" + policy),
            .. scope.Every.Length > 0 ? (string[])[kind + "e" + string.Join(' ', InOrder(scope.Every))] : [],
            .. scope is { All: true, Soft: true } ? (string[])["sa"] : [],
        ];
    }

    /// <summary>A mark as it is kept: that of one tag, URL, prefix or policy under its name, all others as what they name.</summary>
    public static PastRaise Raised(ReadOnlySpan<byte> mark, long epoch) =>
        mark is [(byte)'h' or (byte)'s', var kind, _, ..] && NameOf((char)kind, Encoding.UTF8.GetString(mark[2..])) is { } name
            ? new PastRaise(epoch, name, mark[0] == (byte)'s')
            : new PastRaise(epoch, OfMark(Encoding.UTF8.GetString(mark)));

    /// <summary>What a mark names.</summary>
    public static InvalidationScope OfMark(string mark)
    {
        if (mark.Length < 2 || mark[0] is not ('h' or 's'))
        {
            return Everything;
        }

        string[] name = [mark[2..]];
        var soft = new InvalidationScope { Soft = mark[0] == 's' };
        var scope = mark[1] switch
        {
            't' => soft with { Tags = name },
            'u' => soft with { Urls = name },
            'p' => soft with { Prefixes = name },
            'y' => soft with { Policies = name },
            'e' => soft with { Every = mark[2..].Split(' ') },
            'a' => soft with { All = true },
            _ => Everything,
        };
        return IsValid(scope) ? scope : Everything;
    }

    private static MarkName? NameOf(char kind, string text) => kind switch
    {
        't' when TagText.IsTag(text) => new MarkName(MarkKind.Tag, "", text),
        'y' => new MarkName(MarkKind.Policy, "", text),
        'u' when TargetName.TryParseUrl(text, out var url) => new MarkName(MarkKind.Url, url.Authority, url.Target),
        'p' when TargetName.TryParse(text, out var prefix) => new MarkName(MarkKind.Prefix, prefix.Authority, prefix.Target),
        _ => null,
    };

    private static IEnumerable<string> InOrder(string[] tags) => tags.Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal);

    private static string[]? Some(string[] names) => names.Length == 0 ? null : names;

    private sealed record Wire(
        [property: JsonPropertyName("t")] string[]? Tags, [property: JsonPropertyName("u")] string[]? Urls,
        [property: JsonPropertyName("p")] string[]? Prefixes, [property: JsonPropertyName("y")] string[]? Policies,
        [property: JsonPropertyName("e")] string[]? Every, [property: JsonPropertyName("a")] bool? All, [property: JsonPropertyName("s")] bool? Soft);
}
