using System.Diagnostics.CodeAnalysis;
using System.Text.Json;
using System.Text.Json.Serialization;
using CacheGateway.Invalidation.Redis;
using CacheGateway.Model;

namespace CacheGateway.Invalidation.Webhooks;

/// <summary>A webhook's body that is no event: it names what to invalidate, with the members of the admin API.</summary>
internal static class WebhookScope
{
    private const int MaxNames = 10_000;

    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web) { UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow };

    public static bool TryRead(JsonElement root, [NotNullWhen(true)] out InvalidationScope? scope, [NotNullWhen(false)] out string? error)
    {
        scope = null;
        Body? body;
        try
        {
            body = root.Deserialize<Body>(Json);
        }
        catch (JsonException)
        {
            error = "it is neither an event nor does it name tags, urls, prefixes, policies or all";
            return false;
        }

        if (body?.Match is not (null or "any" or "all"))
        {
            error = "match must be any or all";
            return false;
        }

        var isTogether = body is { Match: "all", Tags.Length: > 1 };
        var named = new InvalidationScope
        {
            Tags = isTogether ? [] : body?.Tags ?? [],
            Every = isTogether ? body!.Tags! : [],
            Urls = body?.Urls ?? [],
            Prefixes = body?.Prefixes ?? [],
            Policies = body?.Policies ?? [],
            All = body?.All ?? false,
            Soft = body?.Soft ?? false,
        };
        error = named.IsEmpty ? "it names nothing"
            : named.Tags.Length + named.Every.Length + named.Urls.Length + named.Prefixes.Length + named.Policies.Length > MaxNames ? "it names too much"
            : ScopeText.IsValid(named) ? null : "a tag, url, prefix or policy in it is malformed";
        scope = error is null ? named : null;
        return scope is not null;
    }

    private sealed record Body(string[]? Tags, string? Match, string[]? Urls, string[]? Prefixes, string[]? Policies, bool? All, bool? Soft);
}
