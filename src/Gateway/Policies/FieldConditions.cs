using CacheGateway.Http;
using CacheGateway.Model;

namespace CacheGateway.Policies;

/// <summary>
/// The policies that ask for request fields. A field that one of them asks for makes another answer of its path: a request that has it and goes by a policy behind that one, because it
/// says it in other words, would have that answer stored for all who do not, unless the policy it goes by keys the field or keeps it from the origin.
/// </summary>
/// <param name="policies">All policies, by their folded paths (<see cref="PathSpelling"/>).</param>
internal sealed class FieldConditions(IEnumerable<CachePolicy> policies)
{
    private readonly Asking[] _asking = [.. policies.Where(policy => policy.Match.Headers.Count > 0).Select(policy => new Asking(policy, Spellings(policy.Match.Headers.Keys)))];

    /// <summary>Whether <paramref name="headers"/> have a field that one of them asks for and <paramref name="policy"/> would leave untold.</summary>
    /// <param name="policy">The one that took the request.</param>
    /// <param name="method">"GET" for HEAD.</param>
    /// <param name="authority">Normalised.</param>
    /// <param name="path">Folded.</param>
    /// <param name="isNear">Whether the path came with a slash at its end and stands here without, or the other way round: where both policies say as much of what is before it, both are meant as they are written.</param>
    /// <param name="headers">The client's.</param>
    public bool AreLeftUntold<T>(CachePolicy policy, string method, string authority, ReadOnlySpan<char> path, bool isNear, T headers)
        where T : IHeaderSource
    {
        foreach (var (other, names) in _asking)
        {
            if (other.Match.Path?.IsMatch(path) != false && IsBefore(other, policy, isNear)
                && PolicyConditions.TakesMethod(other.Match, method) && PolicyConditions.HostsHold(other.Match, authority)
                && HasUntold(names, policy, headers))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>The fields that <paramref name="asking"/> asks for and <paramref name="policy"/> neither keys nor keeps from the origin.</summary>
    public static IEnumerable<string> Untold(CachePolicy asking, CachePolicy policy) =>
        asking.Match.Headers.Keys.Where(name => !ClientFields.AreToldApart(name, policy));

    /// <summary>Servers of CGI's line read a name with dashes as one with underscores. The other way round nothing is to be asked: no name with underscores goes on that is not keyed so.</summary>
    private static string[] Spellings(IEnumerable<string> names) => [.. names.SelectMany(name => (string[])[name, name.Replace('_', '-')]).Distinct(StringComparer.OrdinalIgnoreCase)];

    private static bool HasUntold<T>(string[] names, CachePolicy policy, T headers)
        where T : IHeaderSource
    {
        foreach (var name in names)
        {
            if (headers.Find(name) is not null && !ClientFields.AreToldApart(name, policy))
            {
                return true;
            }
        }

        return false;
    }

    private static bool IsBefore(CachePolicy other, CachePolicy policy, bool isNear) =>
        other.Name != policy.Name
        && (isNear ? PathTemplate.CompareShared(other.Match.Path, policy.Match.Path) < 0 : PolicyIndex.BySpecificity.Compare(other, policy) <= 0);

    /// <param name="Policy">That asks.</param>
    /// <param name="Names">For which fields, in every spelling that may come to mean them.</param>
    private sealed record Asking(CachePolicy Policy, string[] Names);
}
