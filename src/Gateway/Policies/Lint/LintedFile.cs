using CacheGateway.Policies.Document;
using CacheGateway.Policies.Reading;
using CacheGateway.Policies.Tags;

namespace CacheGateway.Policies.Lint;

/// <summary>A valid policy file as lints see it: as it is written, and as it works.</summary>
internal sealed class LintedFile
{
    public LintedFile(PolicyDocument document, CachePolicyTable table, IReadOnlyList<string> events)
    {
        Document = document;
        Table = table;
        Events = events;
        var compiled = table.Policies.ToLookup(policy => policy.Name, StringComparer.Ordinal);
        Policies = [.. (document.Policies ?? new Dictionary<string, PolicySection>()).Select(pair => new LintedPolicy(pair.Key, pair.Value, [.. compiled[pair.Key]]))];
        Carried = [.. Policies.SelectMany(policy => Patterns(policy.Section.Tags))];
        Raised =
        [
            .. Policies.SelectMany(policy => Patterns(policy.Section.Invalidates)),
            .. (document.Events ?? Nothing).Values.SelectMany(Patterns),
            .. (document.Cascade ?? Nothing).Values.SelectMany(Patterns),
        ];
    }

    public PolicyDocument Document { get; }

    public CachePolicyTable Table { get; }

    /// <summary>In the order of the file.</summary>
    public IReadOnlyList<LintedPolicy> Policies { get; }

    /// <summary>Names of events that the backend is known to send.</summary>
    public IReadOnlyList<string> Events { get; }

    /// <summary>The tags that some policy puts on responses.</summary>
    public IReadOnlyList<TagPattern> Carried { get; }

    /// <summary>The tags that a write, an event or another tag raises.</summary>
    public IReadOnlyList<TagPattern> Raised { get; }

    /// <summary>Whether something in the file may raise a tag of this form.</summary>
    public bool IsRaised(TagPattern tag) => Meets(tag, Raised);

    public static bool Meets(TagPattern tag, IReadOnlyList<TagPattern> others) => others.Any(other => TagMatch.Overlap(tag, other));

    private static IReadOnlyDictionary<string, IReadOnlyList<string>> Nothing { get; } = new Dictionary<string, IReadOnlyList<string>>();

    /// <summary>The tag templates of a list, each with its place in it.</summary>
    public static IEnumerable<(TagPattern Tag, Location At)> Places(IReadOnlyList<string>? texts, Location at) =>
        (texts ?? []).Select((text, index) => (TagPattern.Parse(WithoutBodyPath(text)), at.Item(index)));

    private static IEnumerable<TagPattern> Patterns(IReadOnlyList<string>? texts) => Places(texts, Location.Root).Select(place => place.Tag);

    /// <summary>"$.items[*].id -> product:{}" makes tags by what follows the arrow.</summary>
    private static string WithoutBodyPath(string text)
    {
        var arrow = text.IndexOf("->", StringComparison.Ordinal);
        return arrow < 0 ? text : text[(arrow + 2)..].Trim();
    }
}
