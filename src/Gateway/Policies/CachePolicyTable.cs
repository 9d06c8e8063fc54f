using CacheGateway.Http;
using CacheGateway.Model;
using CacheGateway.Policies.Tags;

namespace CacheGateway.Policies;

/// <summary>
/// All policies as one immutable snapshot, made when a file was read without an error, replaced whole by the next one.
/// </summary>
public sealed class CachePolicyTable
{
    public static readonly CachePolicyTable Empty = new([]);

    private const int LongestOnStack = 256;

    private readonly PolicyIndex _index;

    /// <summary>The same policies by their folded paths, and loosely by their queries; <see cref="_index"/> itself where that is the same.</summary>
    private readonly PolicyIndex _folded;
    private readonly FieldConditions _fields;
    private readonly PathTemplate[] _paths;

    /// <summary>Those of <see cref="_paths"/> that may spell otherwise what others spell plainly.</summary>
    private readonly PathTemplate[] _differing;
    private readonly bool _isFolded;
    private readonly bool _hasQueries;

    /// <summary>Whether a path takes what ends with a slash, and not all there is.</summary>
    private readonly bool _endsOpen;

    /// <param name="policies">In file order, which decides between policies that are equally specific.</param>
    public CachePolicyTable(IEnumerable<CachePolicy> policies)
    {
        ArgumentNullException.ThrowIfNull(policies);
        Policies = PolicyIndex.Order(policies);
        Names = [.. Policies.Select(policy => policy.Name).Distinct(StringComparer.Ordinal)];
        _index = new PolicyIndex(Policies);
        _paths = [.. Policies.Select(policy => policy.Match.Path).OfType<PathTemplate>()];
        _differing = [.. _paths.Where(TemplateSpelling.MayDiffer)];
        CachePolicy[] folded = [.. Policies.Select(Folded)];
        _fields = new FieldConditions(folded);
        _isFolded = folded.SequenceEqual(Policies, ReferenceEqualityComparer.Instance);
        _hasQueries = Policies.Any(policy => policy.Match.Query.Count > 0);
        _endsOpen = Policies.Any(policy => policy.Match.Path is { } path && (path.Text.EndsWith('/') || path.Text.LastIndexOf("/{*", StringComparison.Ordinal) > 0));
        _folded = _isFolded && !_hasQueries ? _index : new PolicyIndex(PolicyIndex.Order(folded), isLoose: true);
    }

    /// <summary>Most specific first. A policy with several paths stands here once for each of them, under one name.</summary>
    public IReadOnlyList<CachePolicy> Policies { get; }

    /// <summary>The names of all policies, each once.</summary>
    internal IReadOnlyList<string> Names { get; }

    /// <summary>The switch over all policies: off = every request passes uncached.</summary>
    public bool Enabled { get; init; } = true;

    /// <summary>Part of every key: raising it abandons all older entries.</summary>
    public int Version { get; init; } = 1;

    /// <summary>A policy as it is with nothing said of it but a lifetime of 60 s: by the file's <c>defaults</c>, where it has any.</summary>
    internal CachePolicy Plain { get; init; } = new() { Name = "new", Key = KeyRules.Default, Ttl = TimeSpan.FromSeconds(60) };

    /// <summary>Verifies bearer tokens; not null where a policy keys by a claim.</summary>
    public TokenVerifier? Tokens { get; init; }

    /// <summary>Which tags a backend's event raises.</summary>
    internal EventMap Events { get; init; } = EventMap.Empty;

    /// <summary>Which further tags a tag raises.</summary>
    internal TagCascade Cascades { get; init; } = TagCascade.Empty;

    /// <summary>Names <see cref="Events"/> and <see cref="Cascades"/>: tables that make the same of every event have the same.</summary>
    internal string EventRules { get; init; } = "";

    /// <summary>The most specific policy that takes the request: by path, then by the number of other conditions, then by file order.</summary>
    /// <param name="method">"GET" for HEAD.</param>
    /// <param name="authority">Normalised: lower case, without a default port.</param>
    /// <param name="path">Raw, as forwarded.</param>
    /// <param name="query">Raw, with or without its question mark.</param>
    /// <param name="headers">Asked only by policies with header conditions.</param>
    public CachePolicy? Match<T>(string method, string authority, ReadOnlySpan<char> path, ReadOnlySpan<char> query, T headers)
        where T : IHeaderSource => _index.Find(method, authority, path, query, headers);

    /// <summary>
    /// Whether another policy than <paramref name="policy"/>, which took the request, would take it by another spelling of its path, query or fields: a backend that takes both for
    /// one would answer by that policy's rules what is stored by these. Two policies whose paths differ in their spelling alone are meant to. Of a field every value counts
    /// (<see cref="FieldConditions"/>).
    /// </summary>
    public bool IsTakenOtherwise<T>(CachePolicy policy, string method, string authority, ReadOnlySpan<char> path, ReadOnlySpan<char> query, T headers)
        where T : IHeaderSource
    {
        ArgumentNullException.ThrowIfNull(policy);
        var isFolded = PathSpelling.IsFolded(path);
        ReadOnlySpan<char> folded = isFolded ? path : PathSpelling.Fold(path);
        if (!(isFolded && _isFolded && (query.IsEmpty || !_hasQueries))
            && _folded.Find(method, authority, folded, query, headers) is { } other && IsOther(policy, other, authority, query, headers))
        {
            return true;
        }

        if (_fields.AreLeftUntold(policy, method, authority, folded, isNear: false, headers))
        {
            return true;
        }

        // A slash at the end is a spelling to some, too. Where both paths say as much of what is before it, both spellings are meant as they are written.
        if (folded.Length <= 1 || (folded[^1] != '/' && !_endsOpen))
        {
            return false;
        }

        Span<char> slashed = folded.Length < LongestOnStack ? stackalloc char[LongestOnStack] : new char[folded.Length + 1];
        folded.CopyTo(slashed);
        slashed[folded.Length] = '/';
        ReadOnlySpan<char> beside = folded[^1] == '/' ? folded[..^1] : slashed[..(folded.Length + 1)];
        return (_folded.Find(method, authority, beside, query, headers) is { } near && near.Name != policy.Name && PathTemplate.CompareShared(near.Match.Path, policy.Match.Path) < 0)
            || _fields.AreLeftUntold(policy, method, authority, beside, isNear: true, headers);
    }

    /// <summary>A path that differs by its spelling alone is meant so; a query that another policy would take by its spelling alone is not.</summary>
    private static bool IsOther<T>(CachePolicy policy, CachePolicy other, string authority, ReadOnlySpan<char> query, T headers)
        where T : IHeaderSource =>
        other.Name != policy.Name
        && !(policy.Match.Path is { } own && other.Match.Path is { } others && others.TakesTheSameAs(own.Folded()) && PolicyConditions.Hold(other.Match, authority, query, headers));

    /// <summary>
    /// Every policy whose path and hosts hold, whatever its methods and its other conditions: a write concerns them all, and need not carry what a read of the same thing does.
    /// </summary>
    public IReadOnlyList<CachePolicy> MatchingForInvalidation(string authority, ReadOnlySpan<char> path)
    {
        var found = new List<CachePolicy>();
        foreach (var policy in _index.Candidates(path))
        {
            if (policy.Match.Path?.IsMatch(path) != false && PolicyConditions.HostsHold(policy.Match, authority))
            {
                found.Add(policy);
            }
        }

        return found;
    }

    /// <summary>
    /// How policies spell a path that they take in another spelling (<see cref="TemplateSpelling"/>): what is written by one is stored by the other. Of a path that is plain already only few
    /// are asked.
    /// </summary>
    /// <param name="path">As <see cref="TargetSpelling.Normalise"/> makes it, without a query.</param>
    internal IEnumerable<string> Spellings(string path) =>
        TemplateSpelling.Of(PathSpelling.IsFolded(path) && (path.Length <= 1 || path[^1] != '/') ? _differing : _paths, path);

    /// <summary><paramref name="tags"/> and all that they raise, and so on.</summary>
    public IReadOnlyCollection<string> Cascade(IEnumerable<string> tags) => Cascades.Close(tags);

    private static CachePolicy Folded(CachePolicy policy) =>
        policy.Match.Path is { } path && path.Folded() is var folded && !ReferenceEquals(folded, path) ? policy with { Match = policy.Match with { Path = folded } } : policy;
}
