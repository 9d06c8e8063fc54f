using static CacheGateway.FunctionalTests.Documentation.Level;

namespace CacheGateway.FunctionalTests.Documentation;

/// <summary>RFC 9111 1 to 3: what is stored, and how.</summary>
internal static class StoringRequirements
{
    private const string NoCombining = "Combining parts is left for later: each part is stored and served as the part it is.";

    public static readonly Requirement[] All =
    [
        new("1.2.2", Must, "A delta-seconds value beyond what can be represented counts as 2^31 or more, never less.", ProvedBy: "5.1"),
        new("2", Must, "The key holds the method (only GET answers are stored) and the target URI."),
        new("3", Must, "Store only where the request's method is understood."),
        new("3", Must, "Store only final statuses."),
        new("3", Must, "Store a 206, a 304 or a must-understand response only where the status is understood; a 304 never by itself.", ProvedBy: "5.2.2.3"),
        new("3", Must, "Store nothing that says no-store.", ProvedBy: "5.2.2.5"),
        new("3", Must, "Store nothing that says private, but for the parts a qualified private leaves.", ProvedBy: "5.2.2.7"),
        new("3", Must, "Store no answer to a request with Authorization that does not allow it.", ProvedBy: "3.5"),
        new("3", Must, "Store only with explicit freshness, public, or a status that is cacheable by default.", ProvedBy: "4.2.2"),
        new("3.1", Must, "Store all fields, unknown ones included."),
        new("3.1", Must, "Leave out Connection, the fields it names, and other hop-by-hop fields."),
        new("3.1", Must, "Leave out Proxy-Authenticate, Proxy-Authentication-Info and Proxy-Authorization."),
        new("3.1", Must, "Never combine trailer fields with header fields; trailers are dropped when a response is stored."),
        new("3.2", Must, "An update adds and replaces the fields it brings."),
        new("3.2", Must, "An update leaves Content-Length, what describes the stored bytes, and what is never stored."),
        new("3.3", Must, "Store nothing incomplete, but a 206 with range units that are understood."),
        new("3.3", Must, "Answer from a part only ranges that lie within it."),
        new("3.3", Must, "Send what is a part as 206 only."),
        new("3.3", May, "Complete a stored part by another range request.", NotDone: NoCombining),
        new("3.3", May, "Store a cut 200 as the part that came.", NotDone: "A cut response is never stored: its origin has just failed, and what it meant to send is unknown."),
        new("3.4", May, "Combine parts that share a strong validator.", NotDone: NoCombining),
        new("3.5", Must, "Reuse an answer to a request with Authorization only where public, s-maxage or must-revalidate allow it, and as they say. "
            + "The safe profile asks for public or s-maxage."),
    ];
}
