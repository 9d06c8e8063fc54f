using CacheGateway.Policies.Reading;
using CacheGateway.Policies.Tags;

namespace CacheGateway.Policies.Lint;

/// <summary>Tags that never meet: raised and carried by nobody, carried and never raised.</summary>
internal static class TagLints
{
    public static readonly IReadOnlyList<LintRule> All =
    [
        new("tag-unknown", LintSeverity.Warning, Unknown),
        new("tag-never-raised", LintSeverity.Note, NeverRaised),
        new("cascade-unused", LintSeverity.Note, UnusedCascade),
        new("event-without-rule", LintSeverity.Warning, EventsWithoutRule),
    ];

    private static IEnumerable<LintHit> Unknown(LintedFile file) =>
        RaisingPlaces(file)
            .Where(place => !LintedFile.Meets(place.Tag, file.Carried) && !LintedFile.Meets(place.Tag, CascadeKeys(file)))
            .Select(place => new LintHit(
                place.At, $"raises \"{place.Tag}\", which no policy's \"tags\" carry: it clears nothing, unless the origin sends it in Cache-Tag; compare the spelling"));

    private static IEnumerable<LintHit> NeverRaised(LintedFile file) =>
        file.Policies
            .SelectMany(policy => LintedFile.Places(policy.Section.Tags, policy.At.Member("tags")))
            .Where(place => !file.IsRaised(place.Tag))
            .Select(place => new LintHit(
                place.At, $"is raised by no write, event or other tag in this file: \"{place.Tag}\" is cleared by the admin API or a webhook, or by nothing"));

    private static IEnumerable<LintHit> UnusedCascade(LintedFile file) =>
        (file.Document.Cascade ?? new Dictionary<string, IReadOnlyList<string>>())
            .Where(rule => !file.IsRaised(TagPattern.Parse(rule.Key)))
            .Select(rule => new LintHit(
                Location.Root.Member("cascade").Member(rule.Key), "is a tag that nothing in this file raises: only the admin API or a webhook can set it off"));

    private static IEnumerable<LintHit> EventsWithoutRule(LintedFile file) =>
        file.Events.Where(name => file.Document.Events?.ContainsKey(name) != true)
            .Select(name => new LintHit(Location.Root.Member("events"), $"has no rule for \"{name}\", which the backend sends: such an event is ignored; add one"));

    private static IEnumerable<(TagPattern Tag, Location At)> RaisingPlaces(LintedFile file)
    {
        var events = Location.Root.Member("events");
        var cascade = Location.Root.Member("cascade");
        return
        [
            .. file.Policies.SelectMany(policy => LintedFile.Places(policy.Section.Invalidates, policy.At.Member("invalidates"))),
            .. (file.Document.Events ?? new Dictionary<string, IReadOnlyList<string>>()).SelectMany(rule => LintedFile.Places(rule.Value, events.Member(rule.Key))),
            .. (file.Document.Cascade ?? new Dictionary<string, IReadOnlyList<string>>()).SelectMany(rule => LintedFile.Places(rule.Value, cascade.Member(rule.Key))),
        ];
    }

    private static IReadOnlyList<TagPattern> CascadeKeys(LintedFile file) => [.. (file.Document.Cascade?.Keys ?? []).Select(TagPattern.Parse)];
}
