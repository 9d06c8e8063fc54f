using CacheGateway.Http;
using CacheGateway.Model;
using CacheGateway.Pipeline;
using CacheGateway.Storage;

namespace CacheGateway.Operations.Explaining;

/// <summary>
/// Finds the smallest change of a policy under which a request and its response are cacheable, by trying: each change is judged by the functions
/// that judge requests, so that what is proposed works. Pure.
/// </summary>
internal static class ChangeSearch
{
    /// <summary>Most changes at once; what needs more is another policy.</summary>
    private const int MostLevers = 3;

    /// <summary>Why the request and its response are not cacheable under a policy; null = they are. Without a response, as far as the request decides.</summary>
    public static Reason? Obstacle(CachePolicy policy, in RequestFacts request, ResponseFacts? response, Instant now)
    {
        if (!policy.Enabled)
        {
            return Reason.PolicyOff;
        }

        var decision = RequestDecision.For(null, isKnown: false, isRemembered: false, request, policy, Liveness.Alive, isTrusted: true, now.Monotonic);
        if (decision.Action is not ServeAction.Fetch)
        {
            return decision.Reason;
        }

        return response is null ? null : Storability.Refuses(request, response, policy, FreshnessRules.Compute(response, policy, now, now, 0));
    }

    /// <summary>The fewest changes that take the obstacle away; null = none of those known does.</summary>
    public static IReadOnlyList<PolicyLever>? Find(CachePolicy policy, in RequestFacts request, ResponseFacts? response, Instant now)
    {
        var levers = PolicyLever.For(policy, response).ToArray();
        for (var size = 1; size <= MostLevers; size++)
        {
            foreach (var chosen in Choices(levers, size))
            {
                if (chosen.DistinctBy(lever => lever.Member).Count() == size
                    && Obstacle(chosen.Aggregate(policy, (changed, lever) => lever.Apply(changed)), request, response, now) is null)
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
