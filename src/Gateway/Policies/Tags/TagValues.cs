using CacheGateway.Http;
using CacheGateway.Model;
using CacheGateway.Policies.Compiling;

namespace CacheGateway.Policies.Tags;

/// <summary>What a request gives to the holes of tags, encoded for them.</summary>
/// <param name="path">Values that the policy's template bound in the raw path; null when it has none.</param>
/// <param name="query">The raw query.</param>
/// <param name="headers">The request's headers.</param>
internal sealed class TagValues(IReadOnlyDictionary<string, string>? path, string query, IHeaderSource headers)
{
    private static readonly IReadOnlyList<string> Absent = [""];

    public static TagValues Of(CachePolicy policy, ResourceId resource, IHeaderSource headers)
    {
        var path = resource.Path;
        return new TagValues(policy.Match.Path?.Bind(path), resource.Target[path.Length..], headers);
    }

    /// <summary>
    /// All values of a hole: a query parameter may stand several times. One that is absent counts as empty, so that what was stored without
    /// it is found by a write without it.
    /// </summary>
    public IReadOnlyList<string> Of(string hole) =>
        BoundHoles.IsQuery(hole) ? Parameters(hole[BoundHoles.Query.Length..])
            : BoundHoles.IsHeader(hole) ? [TagText.Encode(headers.Find(hole[BoundHoles.Header.Length..]) ?? "")]
            : path is not null && path.TryGetValue(hole, out var value) ? [TagText.EncodePathValue(value)]
            : Absent;

    private IReadOnlyList<string> Parameters(string name)
    {
        var values = new HashSet<string>(StringComparer.Ordinal);
        foreach (var pair in new QueryPairs(query))
        {
            if (QueryPairs.Means(pair.Name, name))
            {
                values.Add(TagText.Encode(QueryText.Decode(pair.Value).ToString()));
            }
        }

        return values.Count == 0 ? Absent : [.. values];
    }
}
