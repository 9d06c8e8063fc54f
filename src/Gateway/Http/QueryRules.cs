using CacheGateway.Model;

namespace CacheGateway.Http;

/// <summary>
/// The one canonicaliser of queries: what it returns is both keyed and forwarded, so that two requests share a key exactly if the origin
/// sees the same bytes. Parameters are told apart by "&amp;" only; rules name them as they are decoded or as they are written, and what is kept stays as it came.
/// </summary>
public static class QueryRules
{
    /// <summary>Applies <paramref name="rules"/> to <paramref name="target"/> (path and query); the same string when nothing changes.</summary>
    public static string Apply(string target, KeyRules rules)
    {
        ArgumentNullException.ThrowIfNull(target);
        ArgumentNullException.ThrowIfNull(rules);
        var mark = target.IndexOf('?', StringComparison.Ordinal);
        if (mark < 0 || (rules.QueryInclude is null && rules.QueryIgnore.Count == 0 && !rules.QuerySort))
        {
            return target;
        }

        return Canonical(target, mark, rules);
    }

    private static string Canonical(string target, int mark, KeyRules rules)
    {
        var parameters = target[(mark + 1)..].Split('&');
        var kept = parameters.Where(parameter => IsKept(NameOf(parameter), rules));
        if (rules.QuerySort)
        {
            // OrderBy is stable: values of one name keep their order (RFC 3986 gives the order no meaning, but origins do).
            kept = kept.OrderBy(parameter => QueryText.Decode(NameOf(parameter)).ToString(), StringComparer.Ordinal);
        }

        var query = string.Join('&', kept);
        return query.Length == 0 ? target[..mark] : string.Concat(target.AsSpan(0, mark + 1), query);
    }

    private static ReadOnlySpan<char> NameOf(string parameter)
    {
        var equals = parameter.IndexOf('=', StringComparison.Ordinal);
        return equals < 0 ? parameter : parameter.AsSpan(0, equals);
    }

    /// <summary>Whether a parameter of this name is keyed and forwarded.</summary>
    public static bool IsKept(ReadOnlySpan<char> name, KeyRules rules) =>
        (rules.QueryInclude is null || Names(rules.QueryInclude, name)) && !Names(rules.QueryIgnore, name);

    private static bool Names(IReadOnlyList<string> patterns, ReadOnlySpan<char> name)
    {
        var decoded = QueryText.Decode(name);
        foreach (var pattern in patterns)
        {
            if (IsNamed(pattern, name) || IsNamed(pattern, decoded))
            {
                return true;
            }
        }

        return false;
    }

    private static bool IsNamed(string pattern, ReadOnlySpan<char> name) =>
        pattern.EndsWith('*') ? name.StartsWith(pattern.AsSpan(0, pattern.Length - 1), StringComparison.Ordinal) : name.SequenceEqual(pattern);
}
