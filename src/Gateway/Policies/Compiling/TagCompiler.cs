using CacheGateway.Model;
using CacheGateway.Policies.Reading;
using CacheGateway.Policies.Tags;

namespace CacheGateway.Policies.Compiling;

/// <summary>Makes tag templates of their texts: "product:{id}" or "$.items[*].id -> product:{}".</summary>
internal sealed class TagCompiler(PolicyErrors errors)
{
    private const string Arrow = "->";

    public IReadOnlyList<TagTemplate> Compile(IReadOnlyList<string>? texts, BoundHoles holes, bool readsBody, Location at)
    {
        var templates = new List<TagTemplate>();
        foreach (var (index, text) in (texts ?? []).Index())
        {
            var template = Take(text);
            if (Problem(template, holes, readsBody) is { } problem)
            {
                errors.AddValue(at.Item(index), text, problem);
            }
            else
            {
                templates.Add(template);
            }
        }

        return templates;
    }

    private static TagTemplate Take(string text)
    {
        var arrow = text.IndexOf(Arrow, StringComparison.Ordinal);
        return arrow < 0 ? new TagTemplate(text) : new TagTemplate(text[(arrow + Arrow.Length)..].Trim(), text[..arrow].Trim());
    }

    private static string? Problem(TagTemplate template, BoundHoles holes, bool readsBody)
    {
        if (template.BodyPath is null && template.Text.StartsWith('$'))
        {
            return "must name the tag after the path, such as \"$.items[*].id -> product:{}\"";
        }

        if (template.BodyPath is { } path && (JsonPath.TryParse(path) is null || !readsBody))
        {
            return readsBody ? "must begin with a JSON path such as $.items[*].id" : "cannot read a body: a write's tags come from its request";
        }

        if (TagPattern.TryParse(template.Text, out var error) is not { } pattern)
        {
            return error;
        }

        var found = pattern.Holes.Contains(TagPattern.FoundHole);
        return found && template.BodyPath is null ? "has a hole {} that only a JSON path before \"->\" fills"
            : !found && template.BodyPath is not null ? "must have a hole {} for what the path finds"
            : pattern.Holes.Count(BoundHoles.IsQuery) > 1 ? "must not have more than one {query.NAME}: repeated parameters would multiply"
            : pattern.Holes.Where(hole => hole != TagPattern.FoundHole).Select(holes.Problem).FirstOrDefault(problem => problem is not null);
    }
}
