using CacheGateway.Model;
using CacheGateway.Policies;

namespace CacheGateway.Pipeline;

/// <summary>
/// Collects the tags of a response: from the policy's templates, from the origin's tag headers and from the body. A response with a tag too
/// many, too long or ill-formed could be missed by an invalidation: it is not stored.
/// </summary>
internal static class ResponseTags
{
    /// <summary>The tags known from the head, or null when they are beyond the limits, or the policy reads tags in the body and there is none.</summary>
    public static string[]? FromHead(FillContext from, int status, HeaderField[] headers)
    {
        if (from.Policy.Tags.Count == 0 && !Array.Exists(headers, AnswerFields.IsTag))
        {
            return [];
        }

        if (TagExpansion.ReadsBody(from.Policy) && HasNoBody(status, headers))
        {
            return null;
        }

        var tags = new HashSet<string>(StringComparer.Ordinal);
        TagExpansion.AddRequestTags(tags, from.Policy.Tags, from.Policy, from.Key.Resource, new RequestHeaderSource(from.Headers));
        AddNamed(tags, from, headers);
        return Limited(tags);
    }

    /// <summary>
    /// The tags of a stored response together with those that fields which came later name, a 304's or a HEAD's: what is raised for either kills it. Null
    /// when they are beyond the limits. The policy's own are among the first: another set of templates is another key.
    /// </summary>
    public static string[]? Also(string[] stored, FillContext from, HeaderField[] headers)
    {
        if (!Array.Exists(headers, AnswerFields.IsTag))
        {
            return stored;
        }

        var tags = new HashSet<string>(stored, StringComparer.Ordinal);
        AddNamed(tags, from, headers);
        return tags.Count == stored.Length ? stored : Limited(tags);
    }

    private static void AddNamed(HashSet<string> tags, FillContext from, HeaderField[] headers)
    {
        foreach (var field in headers)
        {
            var separator = field.Is("Cache-Tag") ? ',' : field.Is("Surrogate-Key") ? ' ' : '\0';
            if (separator != '\0')
            {
                tags.UnionWith(field.Value.Split(separator, StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries));
            }
        }

        tags.UnionWith(CacheGroups.Tags(from.Key.Resource, headers, "Cache-Groups"));
    }

    /// <summary>The tags of a whole response, those in its body included; null when they cannot all be known.</summary>
    public static string[]? FromBody(FillContext from, string[] known, BodySegments body)
    {
        if (!TagExpansion.ReadsBody(from.Policy))
        {
            return known;
        }

        var tags = new HashSet<string>(known, StringComparer.Ordinal);
        return TagExpansion.TryAddBodyTags(tags, from.Policy, from.Key.Resource, body, new RequestHeaderSource(from.Headers)) ? Limited(tags) : null;
    }

    private static bool HasNoBody(int status, HeaderField[] headers) =>
        status is StatusCodes.Status204NoContent or StatusCodes.Status205ResetContent
        || Array.Exists(headers, static field => field.Is("Content-Length") && field.Value == "0");

    private static string[]? Limited(HashSet<string> tags) =>
        tags.Count <= TagExpansion.MaxTags && tags.All(tag => TagText.IsTag(tag)) ? [.. tags] : null;
}
