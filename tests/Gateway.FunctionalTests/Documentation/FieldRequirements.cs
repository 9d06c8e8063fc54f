using static CacheGateway.FunctionalTests.Documentation.Level;

namespace CacheGateway.FunctionalTests.Documentation;

/// <summary>RFC 9111 5: the fields and directives.</summary>
internal static class FieldRequirements
{
    public static readonly Requirement[] All =
    [
        new("5.1", Should, "Of a list in Age use the first member."),
        new("5.1", Should, "Ignore an invalid Age."),
        new("5.2", Must, "Pass directives on, known or not. A policy's client.cacheControl replaces them on purpose."),
        new("5.2", Should, "Take a directive's argument as token and as quoted string; compare names without case."),
        new("5.2.1.1", May, "Request max-age: nothing older. The safe profile grants it once a second."),
        new("5.2.1.2", May, "Request max-stale: a stale answer is welcome."),
        new("5.2.1.3", May, "Request min-fresh: fresh for so long still."),
        new("5.2.1.4", May, "Request no-cache: validated first. The safe profile grants it once a second."),
        new("5.2.1.5", Must, "Request no-store: nothing of the exchange is stored."),
        new("5.2.1.6", May, "Request no-transform: the content is left as it is.",
            NotDone: "A policy that compresses does so for every client whose Accept-Encoding takes the coding."),
        new("5.2.1.7", Should, "Request only-if-cached: answered from here, or with 504, whatever the method."),
        new("5.2.2.1", Must, "Response max-age: stale after it.", ProvedBy: "4.2.1"),
        new("5.2.2.2", Must, "must-revalidate: never used stale without validation, also when disconnected."),
        new("5.2.2.2", Should, "must-revalidate, disconnected: 504 or another fitting error (502 where the origin cannot be reached)."),
        new("5.2.2.3", Must, "must-understand: stored only where the status is understood."),
        new("5.2.2.3", Should, "must-understand: no-store beside it is ignored where it is."),
        new("5.2.2.4", Must, "no-cache: never used without successful validation."),
        new("5.2.2.4", Must, "no-cache with field names: those fields are not sent from storage."),
        new("5.2.2.5", Must, "no-store: nothing of the exchange is stored."),
        new("5.2.2.6", Must, "no-transform: the content is left as it is."),
        new("5.2.2.7", Must, "private: not stored by a shared cache."),
        new("5.2.2.7", Must, "private with field names: those fields are not stored."),
        new("5.2.2.8", Must, "proxy-revalidate: as must-revalidate for a shared cache."),
        new("5.2.2.9", May, "public: may be stored although a request with Authorization asked.", ProvedBy: "3.5"),
        new("5.2.2.10", Must, "s-maxage: overrides max-age and Expires."),
        new("5.2.2.10", Must, "s-maxage: never used stale without validation."),
        new("5.2.3", Must, "Ignore directives that are not known.", ProvedBy: "5.2.1"),
        new("5.3", Must, "Take an invalid Expires, above all 0, as a time in the past."),
        new("5.3", Must, "Ignore Expires beside max-age or s-maxage."),
    ];
}
