using System.Collections.Frozen;
using CacheGateway.Http;
using CacheGateway.Model;

namespace CacheGateway.Policies;

/// <summary>
/// Finds the policy of a request without allocating. A template without holes is looked up by the whole path, every other by what stands before its first hole: the longest beginning that the path
/// has comes first. That is the order of specificity, for of two templates that take one path the one with the longer beginning has a literal where the other has a hole.
/// </summary>
internal sealed class PolicyIndex
{
    private readonly FrozenDictionary<string, CachePolicy[]>.AlternateLookup<ReadOnlySpan<char>> _byPath;
    private readonly FrozenDictionary<string, CachePolicy[]>.AlternateLookup<ReadOnlySpan<char>> _byBeginning;

    /// <summary>Length of the longest beginning: no more of a path is looked at, however many slashes it has.</summary>
    private readonly int _longest;
    private readonly bool _isLoose;

    /// <param name="ordered">As <see cref="Order"/> left them.</param>
    /// <param name="isLoose">Whether conditions on the query hold for all that some backend takes for it (<see cref="QueryPairs"/>).</param>
    public PolicyIndex(IReadOnlyList<CachePolicy> ordered, bool isLoose = false)
    {
        _isLoose = isLoose;
        _byPath = Group(ordered.Where(IsLiteral), policy => policy.Match.Path!.Text);
        _byBeginning = Group(ordered.Where(policy => !IsLiteral(policy)), Beginning);
        _longest = ordered.Where(policy => !IsLiteral(policy)).Select(policy => Beginning(policy).Length).DefaultIfEmpty().Max();
    }

    /// <summary>Which of two policies is tried first; file order decides what it leaves open.</summary>
    public static Comparer<CachePolicy> BySpecificity { get; } = Comparer<CachePolicy>.Create(static (left, right) =>
    {
        var order = PathTemplate.CompareSpecificity(left.Match.Path, right.Match.Path);
        return order != 0 ? order : PolicyConditions.Count(right.Match) - PolicyConditions.Count(left.Match);
    });

    /// <summary>OrderBy is stable.</summary>
    public static IReadOnlyList<CachePolicy> Order(IEnumerable<CachePolicy> policies) => [.. policies.OrderBy(policy => policy, BySpecificity)];

    public CachePolicy? Find<T>(string method, string authority, ReadOnlySpan<char> path, ReadOnlySpan<char> query, T headers)
        where T : IHeaderSource
    {
        // A template without holes matches by being equal, so its own walk is skipped.
        if (_byPath.TryGetValue(path, out var candidates))
        {
            foreach (var policy in candidates)
            {
                if (PolicyConditions.TakesMethod(policy.Match, method) && PolicyConditions.Hold(policy.Match, authority, query, headers, _isLoose))
                {
                    return policy;
                }
            }
        }

        var begun = path;
        do
        {
            begun = Above(begun);
            if (_byBeginning.TryGetValue(begun, out candidates) && First(candidates, method, authority, path, query, headers) is { } found)
            {
                return found;
            }
        }
        while (!begun.IsEmpty);
        return null;
    }

    /// <summary>Those that may take the path, most specific first; whether they do, their templates say.</summary>
    public List<CachePolicy> Candidates(ReadOnlySpan<char> path)
    {
        var found = new List<CachePolicy>();
        if (_byPath.TryGetValue(path, out var candidates))
        {
            found.AddRange(candidates);
        }

        do
        {
            path = Above(path);
            if (_byBeginning.TryGetValue(path, out candidates))
            {
                found.AddRange(candidates);
            }
        }
        while (!path.IsEmpty);
        return found;
    }

    private CachePolicy? First<T>(
        CachePolicy[] candidates, string method, string authority, ReadOnlySpan<char> path, ReadOnlySpan<char> query, T headers)
        where T : IHeaderSource
    {
        foreach (var policy in candidates)
        {
            if (policy.Match.Path?.IsMatch(path) != false
                && PolicyConditions.TakesMethod(policy.Match, method)
                && PolicyConditions.Hold(policy.Match, authority, query, headers, _isLoose))
            {
                return policy;
            }
        }

        return null;
    }

    private static FrozenDictionary<string, CachePolicy[]>.AlternateLookup<ReadOnlySpan<char>> Group(
        IEnumerable<CachePolicy> ordered, Func<CachePolicy, string> key) => ordered
            .GroupBy(key, StringComparer.Ordinal)
            .ToFrozenDictionary(group => group.Key, group => group.ToArray(), StringComparer.Ordinal)
            .GetAlternateLookup<ReadOnlySpan<char>>();

    private static bool IsLiteral(CachePolicy policy) => policy.Match.Path is { } path && !path.Text.Contains('{', StringComparison.Ordinal);

    /// <summary>The segments before the first hole; empty where there are none, or no path.</summary>
    private static string Beginning(CachePolicy policy) => policy.Match.Path is { Text: var text } ? text[..text.IndexOf("/{", StringComparison.Ordinal)] : "";

    /// <summary>The path without its last segment, and no longer than a beginning may be.</summary>
    private ReadOnlySpan<char> Above(ReadOnlySpan<char> path) => path[..Math.Max(path[..Math.Min(path.Length, _longest + 1)].LastIndexOf('/'), 0)];
}
