using System.Diagnostics.CodeAnalysis;
using System.Text.Json;
using System.Text.Json.Serialization;
using CacheGateway.Model;
using CacheGateway.Policies;
using CacheGateway.Policies.Rules;

namespace CacheGateway.Invalidation.Webhooks;

/// <summary>A webhook's body that is no event: it names what to invalidate, with the members of the admin API and by its rules (<see cref="ScopeRules"/>).</summary>
internal static class WebhookScope
{
    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web) { UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow };

    /// <summary>A name that a sender chose may be as long as the body.</summary>
    private const int LongestName = 64;

    private static readonly string[] Members = [.. typeof(Body).GetProperties().Select(member => JsonNamingPolicy.CamelCase.ConvertName(member.Name))];

    /// <summary>The first member of a scope in a body that names an event; null where there is none. One of the two would be left undone, and nobody told.</summary>
    public static string? MemberBesideEvent(JsonElement root) =>
        root.EnumerateObject().Select(member => JsonText.NameOf(member) ?? "").FirstOrDefault(name => Members.Contains(name, StringComparer.OrdinalIgnoreCase));

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
            error = Fault(root);
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

    /// <summary>Why it could not be read: the first member that there is not, or what those that there are must be.</summary>
    private static string Fault(JsonElement root)
    {
        var unknown = root.EnumerateObject().Select(member => JsonText.NameOf(member) ?? "").FirstOrDefault(name => !Members.Contains(name, StringComparer.OrdinalIgnoreCase));
        if (unknown is null)
        {
            return "tags, urls, prefixes and policies are lists of strings, match is any or all, all and soft are true or false";
        }

        var near = Suggestion.For(unknown, Members);
        return $"it names no event, and there is no member \"{(unknown.Length > LongestName ? unknown[..LongestName] + "…" : unknown)}\"{(near.Length > 0 ? near : $"; there are {string.Join(", ", Members)}")}";
    }

    private sealed record Body(string[]? Tags, string? Match, string[]? Urls, string[]? Prefixes, string[]? Policies, bool? All, bool? Soft);
}
