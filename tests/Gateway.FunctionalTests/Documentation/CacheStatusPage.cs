using System.Text;
using System.Text.RegularExpressions;
using CacheGateway.FunctionalTests.Reasons;
using CacheGateway.Http;
using CacheGateway.Model;
using CacheGateway.Operations;

namespace CacheGateway.FunctionalTests.Documentation;

/// <summary>Makes docs/cache-status.md of the closed list of reasons and of what <c>explain</c> says of each, so that the page lists them all and says the same.</summary>
internal static class CacheStatusPage
{
    /// <summary>In the order of the page, each with what its reasons have in common.</summary>
    private static readonly (string Title, string Words, Func<Reason, bool> Takes)[] Groups =
    [
        ("Answered from the cache", "The origin was not asked, but for `stale-if-error`, where it failed. `ttl` says how long the answer stays fresh; it is 0 or negative where the answer is stale: whole seconds count, so that it is 0 during the first. RFC 9211 2.1 keeps `hit` for what was not forwarded, and would have `fwd=stale` of `stale-if-error`; here `hit` says of every answer that it is the cache's own.", IsHit),
        ("Went to the origin", "What was stored, if anything, would not do. The answer is stored if its rules and the policy let it be.", IsAsked),
        ("Passed", "It was known before the origin was asked that nothing stored can come of it, or that nobody should wait.", IsPassed),
        ("The answer was not stored", "Why the next request will go to the origin too.", IsRefused),
        ("Failed", "The gateway answers itself, with problem details and an error status. Of `only-if-cached`, `loop`, `origin-busy` and `origin-down` nothing was forwarded: `fwd` names the cause all the same, where RFC 9211 2.2 would leave it out.", IsFailed),
    ];

    public static string Generate(string variable)
    {
        var page = new StringBuilder($"""
            # What Cache-Status says

            Made from the reasons that the gateway has (`{variable}=1 dotnet test tests/Gateway.FunctionalTests`); do not edit.

            Every answer says in `Cache-Status` (RFC 9211) what happened and why: `CacheGateway; hit; ttl=298; detail=fresh`, or
            `CacheGateway; fwd=uri-miss; fwd-status=200; stored; ttl=300; detail=miss`. `detail` is one of the words below; they stand in metrics
            (`reason="…"`) and in what [explain](operations.md) prints too. `fwd` is why the origin was asked, in the words of RFC 9211 2.2.

            With `--cache-status-key true` there is `key="4f1d8c2a90be http://shop.test/products?page=*"` too, where the request has a key and is answered (RFC 9211 2.7): the id by which
            lists and explanations name an entry, and the URL with the values of its query hidden. Two answers with one URL and two ids have different keys: keyed headers,
            identities, or those values. It is for looking for a cause, not for every day.

            """);
        foreach (var (title, words, takes) in Groups)
        {
            page.Append($"\n## {title}\n\n{words}\n\n| `detail=` | Beside it | What it means | What to do |\n|---|---|---|---|\n");
            foreach (var reason in Enum.GetValues<Reason>().Where(takes))
            {
                var facts = ReasonFacts.Of(reason);
                page.Append($"| `{reason.Text()}` | {Beside(reason)} | {Cell(facts.Meaning)} ({Source(facts.Source)}) | {Cell(facts.Advice)} |\n");
            }
        }

        return page.ToString();
    }

    /// <summary>Reasons that stand in no table or in more than one.</summary>
    public static IEnumerable<Reason> Misplaced() => Enum.GetValues<Reason>().Where(reason => Groups.Count(group => group.Takes(reason)) != 1);

    private static string Beside(Reason reason) =>
        !ReasonTests.IsSaid(reason) ? "in metrics alone"
        : IsHit(reason) ? "`hit`"
        : reason is Reason.Collapsed ? "`fwd` of the request that was waited for, and `collapsed`"
        : IsRefused(reason) || (IsFailed(reason) && reason is not (Reason.Loop or Reason.OnlyIfCached)) ? "`fwd` of why the origin was asked"
        : $"`fwd={CacheStatusField.Fwd(reason)}`";

    private static bool IsHit(Reason reason) => reason is Reason.Fresh or Reason.StaleWhileRevalidate or Reason.StaleIfError or Reason.MaxStale or Reason.JustValidated;

    private static bool IsAsked(Reason reason) => reason is (>= Reason.Collapsed and <= Reason.OriginChanged) or Reason.Blind;

    private static bool IsPassed(Reason reason) => reason is (>= Reason.NoPolicy and <= Reason.FillBudget) or Reason.SecretInUrl;

    private static bool IsRefused(Reason reason) => reason is >= Reason.ResponseNoStore and <= Reason.InvalidatedDuringFetch;

    private static bool IsFailed(Reason reason) => reason is (>= Reason.OnlyIfCached and <= Reason.Loop) or Reason.OriginBusy or Reason.OriginDown;

    /// <summary>A page of the documentation as a link, a section of an RFC as it is.</summary>
    private static string Source(string source) => Regex.Replace(source, @"^docs/([\w-]+\.md)", "[$1]($1)");

    private static string Cell(string text) => text.Replace("|", "\\|", StringComparison.Ordinal);
}
