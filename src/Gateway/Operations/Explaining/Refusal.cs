using CacheGateway.Pipeline;
using CacheGateway.Policies;

namespace CacheGateway.Operations.Explaining;

/// <summary>What the gateway answers itself, so that the cache never sees it, in words for people.</summary>
/// <param name="Step">Who refuses it, and why.</param>
/// <param name="Name">Stands for a reason.</param>
/// <param name="Meaning">That in words.</param>
/// <param name="Source">The section of the RFC, or where it is documented.</param>
/// <param name="Remedy">What to do about it.</param>
internal sealed record Refusal(ExplainStep Step, string Name, string Meaning, string Source, string Remedy)
{
    private const string Guard = "guard";
    private const string Refused = "refused";

    public static readonly Refusal NoRoute = new(
        new("route", "none", "no route of the proxy's configuration takes it"), "no-route", "No route takes this request: the gateway answers 404 itself.", "docs/request-flow.md",
        "Add a route, or correct the one that should take it: policies decide about requests that have one.");

    /// <summary>See <see cref="RoutePath"/>.</summary>
    public static readonly Refusal Path = new(
        new(Guard, Refused, "the path could be read as another than its route was chosen by"), "path-refused", "This path could lead past the route that it chose: the gateway answers 400 itself.",
        "docs/security.md", "Ask without dot segments behind parameters (\"..;\") or between slashes that lean the other way.");

    /// <summary>See <see cref="WriteScope.IsTooMuch"/>.</summary>
    public static readonly Refusal Write = new(
        new(Guard, Refused, $"a query parameter that says what it invalidates has more than {TagExpansion.MaxTags} values"), RequestGuard.WriteRefused,
        "This write names more to clear than one may: the gateway answers 400 itself.", "docs/policies.md", "Name them in several writes, or raise one tag that all of them carry.");

    public static Refusal OfMethod(string method) => new(
        new(Guard, Refused, $"{method} goes no further"), RequestGuard.MethodRefused, "This method is not passed on: the gateway answers 405 itself.", "docs/security.md", "Ask by another method.");

    public static Refusal OfHost(string authority) => new(
        new(Guard, Refused, $"{authority} is none of --hosts"), "host-not-served", "This host is not served here: the gateway answers 421 itself.", "RFC 9110 7.4", "Add the host to --hosts, or ask for one that is there.");
}
