using CacheGateway.Http;
using CacheGateway.Model;
using CacheGateway.Policies.Tags;

namespace CacheGateway.Policies;

/// <summary>Fills a policy's tag templates in: from the request alone, and from the body where a template has a JSON path.</summary>
public static class TagExpansion
{
    /// <summary>Most tags of one response; with more it is not stored.</summary>
    public const int MaxTags = 256;

    /// <summary>Whether the tags of the policy's responses are only known when the body is complete.</summary>
    public static bool ReadsBody(CachePolicy policy)
    {
        ArgumentNullException.ThrowIfNull(policy);
        for (var i = 0; i < policy.Tags.Count; i++)
        {
            if (policy.Tags[i].BodyPath is not null)
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>Adds the tags of <paramref name="templates"/> (the policy's own or those it invalidates) that need no body.</summary>
    /// <returns>Whether none of them gave more than <see cref="MaxTags"/>. All are added; but the file names a few, and who repeats a parameter as many as he likes.</returns>
    public static bool AddRequestTags<T>(ISet<string> tags, IReadOnlyList<TagTemplate> templates, CachePolicy policy, ResourceId resource, T headers)
        where T : IHeaderSource
    {
        ArgumentNullException.ThrowIfNull(tags);
        ArgumentNullException.ThrowIfNull(templates);
        if (templates.Count == 0)
        {
            return true;
        }

        var fits = true;
        var values = TagValues.Of(policy, resource, headers);
        foreach (var template in templates.Where(template => template.BodyPath is null))
        {
            var filled = TagPattern.Parse(template.Text).Fill(values.Of).ToList();
            fits &= filled.Count <= MaxTags;
            tags.UnionWith(filled);
        }

        return fits;
    }

    /// <summary>
    /// Adds the policy's tags that a response's body gives. False = the response must not be stored, for nothing could be relied on to invalidate it:
    /// the body is no JSON (compressed, cut, HTML), or gives more or longer tags than allowed.
    /// </summary>
    public static bool TryAddBodyTags<T>(ISet<string> tags, CachePolicy policy, ResourceId resource, BodySegments body, T headers)
        where T : IHeaderSource
    {
        ArgumentNullException.ThrowIfNull(tags);
        ArgumentNullException.ThrowIfNull(policy);
        var reading = policy.Tags.Where(template => template.BodyPath is not null).ToList();
        if (reading.Count == 0)
        {
            return true;
        }

        var values = TagValues.Of(policy, resource, headers);
        var patterns = reading.ConvertAll(template => TagPattern.Parse(template.Text));
        var fits = true;
        return BodyTags.Read(body, reading.ConvertAll(template => JsonPath.Parse(template.BodyPath!)), Take) && fits;

        bool Take(int path, string found)
        {
            var filled = patterns[path].Fill(hole => hole == TagPattern.FoundHole ? [TagText.Encode(found)] : values.Of(hole)).ToList();
            tags.UnionWith(filled);
            return fits = tags.Count <= MaxTags && filled.TrueForAll(tag => TagText.IsTag(tag));
        }
    }
}
