using CacheGateway.Http;
using CacheGateway.Model;
using CacheGateway.Policies.Compiling;
using CacheGateway.Policies.Reading;

namespace CacheGateway.Policies.Lint;

/// <summary>Conditions and tags by what the same policy keeps from the origin, and tags that show what nobody should see.</summary>
internal static class UnseenLints
{
    public static readonly IReadOnlyList<LintRule> All =
    [
        LintRule.Each("condition-unseen", LintSeverity.Warning, Conditions),
        LintRule.Each("tag-unseen", LintSeverity.Warning, Tags),
        LintRule.Each("tag-secret", LintSeverity.Warning, Secrets),
    ];

    private static IEnumerable<LintHit> Conditions(LintedPolicy policy)
    {
        var at = policy.At.Member("match");
        return
        [
            .. policy.Policy.Match.Query.Keys.Where(name => !QueryRules.IsKept(name, policy.Policy.Key)).Select(name => new LintHit(
                at.Member("query").Member(name), $"is a condition on what \"key.query\" keeps from the origin, which answers without it; {Remedy(BoundHoles.Query + name)}")),
            .. policy.Policy.Match.Headers.Keys.Where(name => policy.Policy.ForwardOnly && !ClientFields.AreKept(name, policy.Policy)).Select(name => new LintHit(
                at.Member("headers").Member(name), $"is a condition on what \"forwardOnly\" keeps from the origin, which answers without it; {Remedy(BoundHoles.Header + name)}")),
        ];
    }

    /// <summary>A stored response has the tags of what the origin was asked, a write those of what its client sent.</summary>
    private static IEnumerable<LintHit> Tags(LintedPolicy policy) => Holes(policy.Section.Tags, policy.At.Member("tags"))
        .Where(hole => IsUnseen(hole.Name, policy.Policy))
        .Select(hole => new LintHit(hole.At, $"has a hole {{{hole.Name}}} for what this policy keeps from the origin: what is stored has it empty, and a write does not; {Remedy(hole.Name)}"));

    private static IEnumerable<LintHit> Secrets(LintedPolicy policy) =>
        Holes(policy.Section.Tags, policy.At.Member("tags")).Concat(Holes(policy.Section.Invalidates, policy.At.Member("invalidates")))
            .Where(hole => BoundHoles.IsHeader(hole.Name) && CredentialFields.AreSecret(hole.Name[BoundHoles.Header.Length..]))
            .Select(hole => new LintHit(hole.At, $"has a hole {{{hole.Name}}} for a secret, and tags are stored, told and shown as they are; name what it stands for another way"));

    private static IEnumerable<(string Name, Location At)> Holes(IReadOnlyList<string>? tags, Location at) =>
        LintedFile.Places(tags, at).SelectMany(place => place.Tag.Holes.Where(hole => BoundHoles.IsQuery(hole) || BoundHoles.IsHeader(hole)).Select(hole => (hole, place.At)));

    private static bool IsUnseen(string hole, CachePolicy policy)
    {
        if (BoundHoles.IsQuery(hole))
        {
            return !QueryRules.IsKept(hole.AsSpan(BoundHoles.Query.Length), policy.Key);
        }

        var name = hole[BoundHoles.Header.Length..];
        return ClientFields.AreTrusted(name, policy) || (policy.ForwardOnly && !ClientFields.AreKept(name, policy));
    }

    private static string Remedy(string hole) => BoundHoles.IsQuery(hole)
        ? $"let \"key.query\" keep \"{hole[BoundHoles.Query.Length..]}\""
        : $"name \"{hole[BoundHoles.Header.Length..]}\" in \"key.headers\"";
}
