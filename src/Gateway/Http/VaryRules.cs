using CacheGateway.Model;

namespace CacheGateway.Http;

/// <summary>Secondary keys (RFC 9111 4.1): a stored response is for requests whose selecting headers equal those it was made for.</summary>
public static class VaryRules
{
    /// <summary>The selecting values of a request, normalised; made when a response is stored.</summary>
    public static VaryValue[] Capture<T>(IReadOnlyList<string> names, T request, CachePolicy policy)
        where T : IHeaderSource
    {
        ArgumentNullException.ThrowIfNull(names);
        ArgumentNullException.ThrowIfNull(policy);
        var values = new VaryValue[names.Count];
        for (var i = 0; i < values.Length; i++)
        {
            var name = names[i].ToLowerInvariant();
            values[i] = new VaryValue(name, VaryNormaliser.Normalise(name, request.Find(name), ActionOf(policy, name)));
        }

        Array.Sort(values, (left, right) => string.CompareOrdinal(left.Name, right.Name));
        return values;
    }

    public static bool Matches<T>(VaryValue[] stored, T request, CachePolicy policy)
        where T : IHeaderSource
    {
        ArgumentNullException.ThrowIfNull(stored);
        ArgumentNullException.ThrowIfNull(policy);
        foreach (var (name, value) in stored)
        {
            var given = request.Find(name);
            // Equal bytes need no normalising: that is the common case, and costs nothing.
            if (!string.Equals(given, value, StringComparison.Ordinal)
                && !string.Equals(VaryNormaliser.Normalise(name, given, ActionOf(policy, name)), value, StringComparison.Ordinal))
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>
    /// The stored response to use: among those that match, a complete one before a partial one, then the most recent Date (RFC 9111 4.1).
    /// </summary>
    public static StoredResponse? Select<T>(VariantSet set, T request, CachePolicy policy)
        where T : IHeaderSource
    {
        ArgumentNullException.ThrowIfNull(set);
        StoredResponse? best = null;
        foreach (var response in set.Responses)
        {
            if (Matches(response.Vary, request, policy) && (best is null || IsBetter(response, best)))
            {
                best = response;
            }
        }

        return best;
    }

    private static VaryAction ActionOf(CachePolicy policy, string name) =>
        policy.Vary.Count == 0 ? VaryAction.Normalise : policy.Vary.GetValueOrDefault(name);

    private static bool IsBetter(StoredResponse left, StoredResponse right) =>
        (left.Partial is null) != (right.Partial is null) ? left.Partial is null : left.Date > right.Date;
}
