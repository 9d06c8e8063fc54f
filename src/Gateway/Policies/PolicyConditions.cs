using CacheGateway.Http;
using CacheGateway.Model;

namespace CacheGateway.Policies;

/// <summary>The conditions of a <see cref="PolicyMatch"/> beside its path.</summary>
internal static class PolicyConditions
{
    /// <summary>In JSON, a query or header condition that any value satisfies.</summary>
    public const string AnyValue = "*";

    /// <summary>How many there are; of two equally specific paths the one with more is tried first.</summary>
    public static int Count(PolicyMatch match) => (match.Hosts.Count > 0 ? 1 : 0) + match.Query.Count + match.Headers.Count;

    public static bool TakesMethod(PolicyMatch match, string method)
    {
        for (var i = 0; i < match.Methods.Count; i++)
        {
            if (string.Equals(match.Methods[i], method, StringComparison.Ordinal))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>
    /// Whether they hold; an empty <paramref name="authority"/>, of a write that names no host, could be any. Loosely, parameters of other case and those behind ";" are meant too.
    /// </summary>
    public static bool Hold<T>(PolicyMatch match, ReadOnlySpan<char> authority, ReadOnlySpan<char> query, T headers, bool isLoose = false)
        where T : IHeaderSource =>
        HostsHold(match, authority)
        && (match.Query.Count == 0 || TakesQuery(match.Query, query, isLoose))
        && (match.Headers.Count == 0 || TakesHeaders(match.Headers, headers));

    /// <summary>As <see cref="Hold"/>, of the hosts alone.</summary>
    public static bool HostsHold(PolicyMatch match, ReadOnlySpan<char> authority) =>
        match.Hosts.Count == 0 || authority.IsEmpty || TakesHost(match.Hosts, authority);

    /// <summary>The first condition that does not hold, in words; null where all do.</summary>
    public static string? Unmet<T>(PolicyMatch match, string method, ReadOnlySpan<char> authority, ReadOnlySpan<char> query, T headers)
        where T : IHeaderSource
    {
        if (!TakesMethod(match, method))
        {
            return $"its methods are {string.Join(", ", match.Methods)}";
        }

        if (!HostsHold(match, authority))
        {
            return $"its hosts are {string.Join(", ", match.Hosts)}";
        }

        foreach (var (name, value) in match.Query)
        {
            if (!Contains(query, name, value, isLoose: false))
            {
                return $"the query has no {name}{(value is null ? "" : $"={value}")}";
            }
        }

        foreach (var (name, value) in match.Headers)
        {
            if (!TakesHeaders(new Dictionary<string, string?> { [name] = value }, headers))
            {
                return $"there is no header {name}{(value is null ? "" : $": {value}")}";
            }
        }

        return null;
    }

    private static bool TakesHost(IReadOnlyList<string> hosts, ReadOnlySpan<char> authority)
    {
        for (var i = 0; i < hosts.Count; i++)
        {
            if (AuthorityText.IsTaken(hosts[i], authority))
            {
                return true;
            }
        }

        return false;
    }

    private static bool TakesQuery(IReadOnlyDictionary<string, string?> wanted, ReadOnlySpan<char> query, bool isLoose)
    {
        foreach (var (name, value) in wanted)
        {
            if (!Contains(query, name, value, isLoose))
            {
                return false;
            }
        }

        return true;
    }

    private static bool Contains(ReadOnlySpan<char> query, string name, string? value, bool isLoose)
    {
        if (isLoose && Contains(query, name, value, isLoose: false))
        {
            return true;
        }

        foreach (var pair in new QueryPairs(query, isLoose))
        {
            // Decoded as origins do it, so that "form%61t=json" does not slip past the policy for "format=json".
            if (QueryPairs.Means(pair.Name, name, isLoose) && (value is null || QueryPairs.Means(pair.Value, value, isLoose)))
            {
                return true;
            }
        }

        return false;
    }

    private static bool TakesHeaders<T>(IReadOnlyDictionary<string, string?> wanted, T headers)
        where T : IHeaderSource
    {
        foreach (var (name, value) in wanted)
        {
            if (headers.Find(name) is not { } present || (value is not null && present != value))
            {
                return false;
            }
        }

        return true;
    }
}
