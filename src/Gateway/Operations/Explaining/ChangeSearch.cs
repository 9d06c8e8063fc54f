using CacheGateway.Http;
using CacheGateway.Model;
using CacheGateway.Pipeline;
using CacheGateway.Policies;
using CacheGateway.Storage;

namespace CacheGateway.Operations.Explaining;

/// <summary>
/// Finds the smallest change of a policy under which a request and its response are cacheable, by trying: each change is judged by the functions
/// that key and judge requests, so that what is proposed works. Pure.
/// </summary>
/// <param name="keying">Of the gateway.</param>
/// <param name="table">The policies beside the one that is tried.</param>
/// <param name="context">The request, which has an authority and a target that can be keyed.</param>
/// <param name="response">The origin's answer; null = as far as the request decides.</param>
/// <param name="room">For its body.</param>
/// <param name="now">When it is asked.</param>
internal sealed class ChangeSearch(RequestKeying keying, CachePolicyTable table, HttpContext context, ResponseFacts? response, BodyRoom room, Instant now)
{
    /// <summary>Most changes at once; what needs more is another policy.</summary>
    private const int MostLevers = 3;

    private readonly RequestFacts _facts = RequestReader.Read(context.Request);

    /// <summary>Of the origin's answer; null where none is known.</summary>
    public int? Status => response?.Status;

    /// <summary>The same question with another policy among the others.</summary>
    public ChangeSearch Beside(CachePolicy added) => new(
        keying, new CachePolicyTable([.. table.Policies, added]) { Enabled = table.Enabled, Version = table.Version, Tokens = table.Tokens }, context, response, room, now);

    /// <summary>Why the request and its response are not cacheable under a policy that takes it; null = they are.</summary>
    public Reason? Obstacle(CachePolicy policy)
    {
        if (KeyBuilder.Identify(context) is not (var authority, var target))
        {
            return Reason.Unkeyable;
        }

        var keyed = keying.Under(policy, table, context, authority, target);
        if (keyed.Key is not { } key)
        {
            return keyed.Pass;
        }

        var from = new FillContext(key, policy, default, null, _facts, context.Request.Headers, keyed.NotAfter);
        var decision = RequestDecision.For(null, isKnown: false, isRemembered: false, _facts, policy, Liveness.Alive, isTrusted: true, now.Monotonic);
        return decision.Action != ServeAction.Fetch ? decision.Reason
            : response is null ? null
            : Refusal(from, response, ResponseAdmission.Capped(FreshnessRules.Compute(response, policy, now, now, 0), from, now), room, now);
    }

    /// <summary>Why a response is not stored, as far as the request and its own head say; null where nothing speaks against it.</summary>
    public static Reason? Refusal(FillContext from, ResponseFacts response, Freshness freshness, BodyRoom room, Instant now) =>
        RequestDecision.ForbidsStoring(from.Request, from.Policy, response.Status, now.Monotonic)
        ?? Storability.Refuses(from.Request, response, from.Policy, freshness, room.Largest)
        ?? (room.IsOutgrown ? Reason.ResponseTooLarge : (Reason?)null)
        ?? (ResponseTags.FromHead(from, response.Status, response.Headers) is null ? Reason.ResponseTags : null);

    /// <summary>The fewest changes that take the obstacle away; null = none of those known does.</summary>
    public IReadOnlyList<PolicyLever>? Find(CachePolicy policy)
    {
        var levers = PolicyLever.For(policy, response, room.Largest).ToArray();
        for (var size = 1; size <= MostLevers; size++)
        {
            foreach (var chosen in Choices(levers, size))
            {
                if (chosen.DistinctBy(lever => lever.Member).Count() == size
                    && Obstacle(chosen.Aggregate(policy, (changed, lever) => lever.Apply(changed))) is null)
                {
                    return chosen;
                }
            }
        }

        return null;
    }

    private static IEnumerable<PolicyLever[]> Choices(PolicyLever[] levers, int size, int from = 0)
    {
        if (size == 0)
        {
            yield return [];
            yield break;
        }

        for (var i = from; i <= levers.Length - size; i++)
        {
            foreach (var rest in Choices(levers, size - 1, i + 1))
            {
                yield return [levers[i], .. rest];
            }
        }
    }
}

/// <summary>Whether there is room for the body of an answer, beside what its policy allows.</summary>
/// <param name="Largest">The largest body that this node keeps, in bytes.</param>
/// <param name="IsOutgrown">Whether it was too large and its head said no length: how large it is nobody knows, and no limit is known to be enough.</param>
internal readonly record struct BodyRoom(long Largest, bool IsOutgrown);
