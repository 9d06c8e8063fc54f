using CacheGateway.Model;
using CacheGateway.Storage;

namespace CacheGateway.Invalidation;

/// <summary>What people may name in an invalidation, by whichever door they come.</summary>
internal static class ScopeRules
{
    private const int MaxNames = 10_000;

    /// <summary>What is wrong with it, and what would be right; null = nothing.</summary>
    public static string? Error(InvalidationScope scope)
    {
        ArgumentNullException.ThrowIfNull(scope);
        return scope.IsEmpty ? "Name at least one of tags, urls, prefixes, policies, or set all"
            : scope.NameCount > MaxNames ? $"At most {MaxNames} names in one call"
            : Wrong([.. scope.Tags, .. scope.Every], tag => TagText.IsTag(tag)) is { } tag ? $"The tag {tag} must be 1 to 256 letters, digits and _ : . / - %"
            : Wrong(scope.Urls, IsUrl) is { } url ? $"The url {url} must be absolute (http or https) or start with /, and name no user"
            : Wrong(scope.Prefixes, IsUrl) is { } prefix ? $"The prefix {prefix} must be absolute (http or https) or start with /, and name no user"
            : Wrong(scope.Policies, policy => policy is { Length: > 0 and <= 256 }) is not null ? "A policy's name must be 1 to 256 characters"
            : null;
    }

    /// <summary>The first name that is none, in quotes; null where all are.</summary>
    private static string? Wrong(string?[] names, Predicate<string> isRight)
    {
        var at = Array.FindIndex(names, name => name is null || !isRight(name));
        return at < 0 ? null : names[at] is { } name ? $"\"{name}\"" : "null";
    }

    private static bool IsUrl(string text) =>
        text is { Length: > 0 and <= 8192 } && text.AsSpan().IndexOfAnyExceptInRange('!', '~') < 0
        && TargetName.TryParse(text, out _) && (text[0] == '/' || Uri.TryCreate(text, UriKind.Absolute, out Uri? _));
}
