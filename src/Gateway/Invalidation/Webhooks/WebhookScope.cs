using System.Diagnostics.CodeAnalysis;
using System.Text.Json;
using System.Text.Json.Serialization;
using CacheGateway.Model;

namespace CacheGateway.Invalidation.Webhooks;

/// <summary>A webhook's body that is no event: it names what to invalidate, with the members of the admin API and by its rules (<see cref="ScopeRules"/>).</summary>
internal static class WebhookScope
{
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
        error = ScopeRules.Error(named);
        scope = error is null ? named : null;
        return scope is not null;
    }

    private sealed record Body(string[]? Tags, string? Match, string[]? Urls, string[]? Prefixes, string[]? Policies, bool? All, bool? Soft);
}
