using System.Security.Cryptography;
using System.Text.Json;
using CacheGateway.Model;
using CacheGateway.Policies.Reading;
using CacheGateway.Policies.Tags;

namespace CacheGateway.Policies.Compiling;

/// <summary>Makes the event map and the cascade.</summary>
internal sealed class EventCompiler(PolicyErrors errors)
{
    /// <summary>With more, one tag could be read in more ways than anyone wants to raise.</summary>
    private const int MostCascadeHoles = 2;

    /// <summary>Every rule is compared with every other for cycles.</summary>
    private const int MostCascadeRules = 1000;

    private readonly TagCompiler _tags = new(errors);

    /// <summary>The same for the same rules, in whatever order a file has them.</summary>
    public static string NameOf(IReadOnlyDictionary<string, IReadOnlyList<string>>? events, IReadOnlyDictionary<string, IReadOnlyList<string>>? cascade)
    {
        var rules = JsonSerializer.SerializeToUtf8Bytes(new[] { events, cascade }.Select(map => (map ?? new Dictionary<string, IReadOnlyList<string>>()).OrderBy(rule => rule.Key, StringComparer.Ordinal)));
        return Convert.ToHexStringLower(SHA256.HashData(rules).AsSpan(0, 8));
    }

    public EventMap Events(IReadOnlyDictionary<string, IReadOnlyList<string>>? written)
    {
        var at = Location.Root.Member("events");
        var rules = new Dictionary<string, IReadOnlyList<TagTemplate>>(StringComparer.Ordinal);
        foreach (var (name, tags) in written ?? new Dictionary<string, IReadOnlyList<string>>())
        {
            rules[name] = _tags.Compile(tags, BoundHoles.OfEvents, readsBody: true, at.Member(name));
            if (tags.Count == 0)
            {
                errors.Add(at.Member(name), "must name at least one tag");
            }
        }

        return new EventMap(rules);
    }

    public TagCascade Cascade(IReadOnlyDictionary<string, IReadOnlyList<string>>? written)
    {
        var at = Location.Root.Member("cascade");
        if (written?.Count > MostCascadeRules)
        {
            errors.Add(at, $"must not have more than {MostCascadeRules} members");
            return TagCascade.Empty;
        }

        var cascade = new TagCascade([.. Rules(written ?? new Dictionary<string, IReadOnlyList<string>>(), at)]);
        if (cascade.FindCycle() is { } cycle)
        {
            errors.Add(at, $"is a cycle: {cycle}; leave out one of these");
        }

        return cascade;
    }

    private static string? KeyProblem(TagPattern pattern)
    {
        var holes = pattern.Holes.ToList();
        return holes.Contains(TagPattern.FoundHole) ? "has a hole without a name"
            : holes.Count > MostCascadeHoles ? $"must not have more than {MostCascadeHoles} holes"
            : holes.Distinct().Count() < holes.Count ? "has a hole twice"
            : pattern.Parts.Zip(pattern.Parts.Skip(1)).Any(pair => pair.First.IsHole && pair.Second.IsHole) ? "must have something between its holes"
            : null;
    }

    private IEnumerable<TagCascade.Rule> Rules(IReadOnlyDictionary<string, IReadOnlyList<string>> written, Location at)
    {
        foreach (var (key, raised) in written)
        {
            var pattern = TagPattern.TryParse(key, out var error);
            if ((error ?? KeyProblem(pattern!)) is { } problem)
            {
                errors.Add(at.Member(key), problem);
                continue;
            }

            yield return new TagCascade.Rule(pattern!, [.. Raised(pattern!, raised, at.Member(key))]);
        }
    }

    private IEnumerable<TagPattern> Raised(TagPattern key, IReadOnlyList<string> texts, Location at)
    {
        foreach (var (index, text) in texts.Index())
        {
            var pattern = TagPattern.TryParse(text, out var error);
            error ??= pattern!.Holes.Except(key.Holes).Select(hole => $"has a hole {{{hole}}} that \"{key}\" does not bind").FirstOrDefault();
            if (error is null)
            {
                yield return pattern!;
            }
            else
            {
                errors.AddValue(at.Item(index), text, error);
            }
        }
    }
}
