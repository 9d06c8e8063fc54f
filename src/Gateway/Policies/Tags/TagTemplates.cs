using CacheGateway.Model;

namespace CacheGateway.Policies.Tags;

/// <summary>Fills tag templates in: from the request alone, and from the body where a template has a JSON path.</summary>
internal static class TagTemplates
{
    /// <summary>Whether the tags of the policy's responses are only known when the body is complete.</summary>
    public static bool ReadBody(CachePolicy policy)
    {
        for (var i = 0; i < policy.Tags.Count; i++)
        {
            if (policy.Tags[i].BodyPath is not null)
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>Adds the tags of <see cref="CachePolicy.Tags"/> or <see cref="CachePolicy.Invalidates"/> that need no body.</summary>
    public static void Expand(IReadOnlyList<TagTemplate> templates, TagValues values, TagSet tags)
    {
        foreach (var template in templates)
        {
            if (template.BodyPath is null)
            {
                AddAll(TagPattern.Parse(template.Text).Fill(values.Of), tags);
            }
        }
    }

    /// <summary>
    /// Adds the tags that a body gives. False = it cannot be read as JSON (it must not be compressed): without them the response must not be stored.
    /// </summary>
    public static bool ExpandBody(IReadOnlyList<TagTemplate> templates, BodySegments body, TagValues values, TagSet tags)
    {
        var reading = templates.Where(template => template.BodyPath is not null).ToList();
        var patterns = reading.ConvertAll(template => TagPattern.Parse(template.Text));
        return reading.Count == 0 || BodyTags.Read(body, reading.ConvertAll(template => JsonPath.Parse(template.BodyPath!)), (path, found) =>
            AddAll(patterns[path].Fill(hole => hole == TagPattern.FoundHole ? [TagText.Encode(found)] : values.Of(hole)), tags));
    }

    /// <summary>False when there is no room for more.</summary>
    private static bool AddAll(IEnumerable<string> filled, TagSet tags) => filled.All(tags.Add);
}
