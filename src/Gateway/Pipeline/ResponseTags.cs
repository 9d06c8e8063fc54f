using CacheGateway.Model;
using CacheGateway.Policies.Tags;

namespace CacheGateway.Pipeline;

/// <summary>Collects the tags of a response: from the policy's templates, from the origin's tag headers and from the body.</summary>
internal static class ResponseTags
{
    /// <summary>The tags known from the head, or null when there are too many or one is not well-formed: an invalidation could miss it.</summary>
    public static string[]? FromHead(Fill fill, FillContext from, HeaderField[] headers)
    {
        var tags = new TagSet();
        TagTemplates.Expand(fill.Policy.Tags, ValuesOf(fill, from), tags);
        foreach (var field in headers)
        {
            var separator = field.Is("Cache-Tag") ? ',' : field.Is("Surrogate-Key") ? ' ' : '\0';
            if (separator != '\0')
            {
                foreach (var tag in field.Value.Split(separator, StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
                {
                    tags.Add(tag);
                }
            }
            else if (field.Is("Cache-Groups"))
            {
                foreach (var group in CacheGroups.Parse(field.Value))
                {
                    tags.Add(CacheGroups.Tag(fill.Key.Resource, group));
                }
            }
        }

        return tags.Overflowed ? null : tags.ToArray();
    }

    /// <summary>The tags of a whole response, those in its body included; null when they cannot all be known.</summary>
    public static string[]? FromBody(Fill fill, FillContext from, string[] known, BodySegments body)
    {
        if (!TagTemplates.ReadBody(fill.Policy))
        {
            return known;
        }

        var tags = new TagSet();
        foreach (var tag in known)
        {
            tags.Add(tag);
        }

        return TagTemplates.ExpandBody(fill.Policy.Tags, body, ValuesOf(fill, from), tags) && !tags.Overflowed ? tags.ToArray() : null;
    }

    private static TagValues ValuesOf(Fill fill, FillContext from)
    {
        var target = fill.Key.Resource.Target;
        var mark = target.IndexOf('?', StringComparison.Ordinal);
        return TagValues.Of(fill.Policy, fill.Key.Resource.Path, mark < 0 ? "" : target[(mark + 1)..], new RequestHeaderSource(from.Headers));
    }
}
