using CacheGateway.Model;
using CacheGateway.Storage;

namespace CacheGateway.Operations;

/// <summary>What people may name in an invalidation, by whichever door they come.</summary>
internal static class ScopeRules
{
    private const int MaxNames = 10_000;

    /// <summary>What is wrong with it, and what would be right; null = nothing.</summary>
    public static string? Error(InvalidationScope scope)
    {
        ArgumentNullException.ThrowIfNull(scope);
        return scope.IsEmpty ? "Name at least one of tags, urls, prefixes, policies, or set all"
            : scope.Tags.Length + scope.Every.Length + scope.Urls.Length + scope.Prefixes.Length + scope.Policies.Length > MaxNames ? $"At most {MaxNames} names in one call"
            : Array.Find([.. scope.Tags, .. scope.Every], tag => tag is null || !TagText.IsTag(tag)) is { } tag ? $"The tag \"{tag}\" must be 1 to 256 letters, digits and _ : . / - %"
            : Array.Find(scope.Urls, url => !IsUrl(url)) is { } url ? $"The url \"{url}\" must be absolute (http or https, a host, no user) or start with /"
            : Array.Find(scope.Prefixes, prefix => !IsUrl(prefix)) is { } prefix ? $"The prefix \"{prefix}\" must be absolute (http or https, a host, no user) or start with /"
            : Array.Exists(scope.Policies, policy => policy is not { Length: > 0 and <= 256 }) ? "A policy's name must be 1 to 256 characters"
            : null;
    }

    private static bool IsUrl(string? text) =>
        text is { Length: > 0 and <= 8192 } && text.AsSpan().IndexOfAnyExceptInRange('!', '~') < 0
        && TargetName.TryParse(text, out _)
        && (text[0] == '/' || (Uri.TryCreate(text, UriKind.Absolute, out var uri) && uri.Scheme is "http" or "https"));
}
