using System.Collections.Frozen;
using CacheGateway.Http;
using CacheGateway.Model;

namespace CacheGateway.Policies;

/// <summary>
/// Finds the policy of a request without allocating. A template without holes is looked up by the whole path; one that starts with a literal
/// segment by that segment; only the rest is tried one by one. The order of these three is the order of specificity.
/// </summary>
internal sealed class PolicyIndex
{
    private readonly FrozenDictionary<string, CachePolicy[]>.AlternateLookup<ReadOnlySpan<char>> _byPath;
    private readonly FrozenDictionary<string, CachePolicy[]>.AlternateLookup<ReadOnlySpan<char>> _byFirstSegment;
    private readonly CachePolicy[] _others;
    private readonly bool _isLoose;

    /// <param name="ordered">As <see cref="Order"/> left them.</param>
    /// <param name="isLoose">Whether conditions on the query hold for all that some backend takes for it (<see cref="QueryPairs"/>).</param>
    public PolicyIndex(IReadOnlyList<CachePolicy> ordered, bool isLoose = false)
    {
        _isLoose = isLoose;
        _byPath = Group(ordered, IsLiteral, template => template);
        _byFirstSegment = Group(
            ordered, template => !IsLiteral(template) && !FirstSegment(template).Contains('{'), template => FirstSegment(template).ToString());
        _others = [.. ordered.Where(policy => policy.Match.Path is not { } path || FirstSegment(path.Text).Contains('{'))];
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

        return (_byFirstSegment.TryGetValue(FirstSegment(path), out candidates) ? First(candidates, method, authority, path, query, headers) : null)
            ?? First(_others, method, authority, path, query, headers);
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
        IReadOnlyList<CachePolicy> ordered, Func<string, bool> belongs, Func<string, string> key) => ordered
            .Where(policy => policy.Match.Path is { } path && belongs(path.Text))
            .GroupBy(policy => key(policy.Match.Path!.Text), StringComparer.Ordinal)
            .ToFrozenDictionary(group => group.Key, group => group.ToArray(), StringComparer.Ordinal)
            .GetAlternateLookup<ReadOnlySpan<char>>();

    private static bool IsLiteral(string template) => !template.Contains('{', StringComparison.Ordinal);

    private static ReadOnlySpan<char> FirstSegment(ReadOnlySpan<char> path)
    {
        if (path.IsEmpty)
        {
            return path;
        }

        path = path[1..];
        var slash = path.IndexOf('/');
        return slash < 0 ? path : path[..slash];
    }
}
