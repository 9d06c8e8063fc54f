using CacheGateway.Model;
using CacheGateway.Policies;

namespace CacheGateway.Pipeline;

/// <summary>Collects the tags of a response: from the policy's templates and from the origin's tag headers.</summary>
internal static class ResponseTags
{
    /// <summary>Most tags on one response; beyond it the response is not stored, because an invalidation could miss it.</summary>
    private const int MaxTags = 256;

    private const int MaxTagLength = 256;

    /// <summary>The tags, or null when there are too many or one is not well-formed.</summary>
    public static string[]? Collect(Fill fill, FillContext from, HeaderField[] headers)
    {
        var tags = new HashSet<string>(StringComparer.Ordinal);
        TagExpansion.AddRequestTags(tags, fill.Policy.Tags, fill.Policy, fill.Key.Resource, new RequestHeaderSource(from.Headers));
        foreach (var field in headers)
        {
            var separator = field.Is("Cache-Tag") ? ',' : field.Is("Surrogate-Key") ? ' ' : '\0';
            if (separator != '\0')
            {
                tags.UnionWith(field.Value.Split(separator, StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries));
            }
            else if (field.Is("Cache-Groups"))
            {
                tags.UnionWith(CacheGroups.Parse(field.Value).Select(group => CacheGroups.Tag(fill.Key.Resource, group)));
            }
        }

        return tags.Count <= MaxTags && tags.All(IsWellFormed) ? [.. tags] : null;
    }

    /// <summary>Printable ASCII without separators: what every door of an invalidation can name.</summary>
    public static bool IsWellFormed(string tag) =>
        tag.Length is > 0 and <= MaxTagLength && tag.AsSpan().IndexOfAnyExceptInRange('!', '~') < 0 && !tag.AsSpan().ContainsAny(',', '"', '\\');
}
