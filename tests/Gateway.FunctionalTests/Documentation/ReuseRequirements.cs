using static CacheGateway.FunctionalTests.Documentation.Level;

namespace CacheGateway.FunctionalTests.Documentation;

/// <summary>RFC 9111 4: reuse, freshness, validation, invalidation.</summary>
internal static class ReuseRequirements
{
    public static readonly Requirement[] All =
    [
        new("4", Must, "Reuse only for the same target URI."),
        new("4", Must, "Reuse only for a method that the stored one answers: GET and HEAD."),
        new("4", Must, "Reuse only where the fields named by Vary match.", ProvedBy: "4.1"),
        new("4", Must, "Reuse a no-cache response only after successful validation.", ProvedBy: "5.2.2.4"),
        new("4", Must, "Reuse only what is fresh, may be stale, or was validated.", ProvedBy: "4.2.4"),
        new("4", Must, "Send Age, replacing the one that came, with what is reused without validation.", ProvedBy: "5.1"),
        new("4", Must, "Write unsafe methods through: no answer before the origin's.", ProvedBy: "4.4"),
        new("4", Must, "Of several that suit, use the most recent by Date.", ProvedBy: "4.1"),
        new("4.1", Must, "Without validation, use a response only where all request fields that Vary names match the original request's."),
        new("4.1", Must, "Vary with the member * never matches."),
        new("4.1", May, "Compare fields after normalising whitespace, order and case where their grammar allows."),
        new("4.1", May, "Prefer by the weights of Accept-Language among stored variants."),
        new("4.1", Should, "Where some stored responses lack Vary, choose the most recent that has one.",
            NotDone: "The most recent that matches is used: an origin that stops varying would else be answered with its former variants until they expire."),
        new("4.2", Should, "Read dates in any case.", ProvedBy: "5.3"),
        new("4.2", Must, "Let no local time zone influence a date.", ProvedBy: "5.3"),
        new("4.2", Should, "Take a date with a zone other than GMT as invalid.", ProvedBy: "5.3"),
        new("4.2.1", Must, "Lifetime of a shared cache: s-maxage, else max-age, else Expires minus Date."),
        new("4.2.1", Should, "Of several values of a directive use the first, or take the response as stale."),
        new("4.2.1", Should, "Of directives in conflict, honour the most restrictive; take invalid freshness as stale."),
        new("4.2.2", Must, "Guess no lifetime where one is explicit."),
        new("4.2.2", Must, "Guess only for statuses that are cacheable by default, or public ones."),
        new("4.2.2", Should, "Guess no more than a tenth of the time since Last-Modified (and at most 24 hours; the safe profile: 10 minutes)."),
        new("4.2.3", Must, "Age: the larger of Date's account and Age's, with the response delay, and the time here."),
        new("4.2.4", Must, "Serve nothing stale where a directive forbids it."),
        new("4.2.4", Must, "Serve stale only when disconnected, or where client, origin or policy allow it."),
        new("4.3.1", Must, "Validate with the entity tags of what is stored."),
        new("4.3.1", Should, "Validate with Last-Modified where it has one."),
        new("4.3.2", Must, "Leave preconditions that are for the origin alone (If-Match, If-Unmodified-Since) to it."),
        new("4.3.2", Should, "Answer 304 where If-None-Match holds the stored entity tag, or *."),
        new("4.3.2", Should, "Answer 304 where If-Modified-Since is not before Last-Modified, or before Date where there is none."),
        new("4.3.2", May, "Send the client's entity tags along with our own.",
            NotDone: "A fetch that others may share carries no condition of one client; its 304 is made here, from what the fetch brought."),
        new("4.3.3", Must, "A full answer to a validation is the answer, and replaces what was stored."),
        new("4.3.3", May, "On a 5xx, forward it, or serve what is stored where stale is allowed."),
        new("4.3.4", Must, "A 304 with a strong validator updates every stored response that has it, and none where none has."),
        new("4.3.4", Must, "Update the fields of what a 304 selects."),
        new("4.3.5", Should, "A HEAD whose validators agree with what is stored freshens it, a length alone does not; one that does not agree puts it out of use."),
        new("4.4", Must, "A non-error answer to an unsafe or unknown method invalidates the target URI."),
        new("4.4", May, "It invalidates Location and Content-Location, too."),
        new("4.4", Must, "It never invalidates a URI of another origin."),
    ];
}
