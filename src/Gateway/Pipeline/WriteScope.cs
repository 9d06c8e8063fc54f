using CacheGateway.Http;
using CacheGateway.Invalidation;
using CacheGateway.Model;
using CacheGateway.Policies;
using CacheGateway.Storage;

namespace CacheGateway.Pipeline;

/// <summary>
/// What a write makes stale (RFC 9111 4.4): its URI, and what every policy says whose path and hosts hold. Which of their query and header conditions hold is not asked: too early a death is
/// allowed, and a write rarely carries what a read does. Pure.
/// </summary>
/// <param name="Scheme">http or https.</param>
/// <param name="Authority">Normalised; null where the request names no host.</param>
/// <param name="Target">Path and query as the client wrote them.</param>
/// <param name="Urls">Raised when it succeeded.</param>
/// <param name="Tags">The same.</param>
/// <param name="Before">Raised before it is forwarded as well.</param>
/// <param name="Wait">Whom its client waits for.</param>
/// <param name="Compresses">Whether the client may have had a coding made here of what it writes.</param>
/// <param name="KeepsTags">Whether fields with tags stay behind: a policy takes the path, and none forwards them.</param>
internal sealed record WriteScope(
    string Scheme, string? Authority, string Target, string[] Urls, string[] Tags, InvalidationScope Before, InvalidationWait Wait, bool Compresses, bool KeepsTags)
{
    /// <summary>
    /// Stands for the host of a request that names none, in relative references and groups; no name of a host ends so (RFC 6761 6.4). Groups of such a write are
    /// nobody's: they belong to an origin (RFC 9875 2.1), and it names none.
    /// </summary>
    private const string NoHost = "unnamed.invalid";

    /// <summary>Longest scheme and authority before a target.</summary>
    private const int MostHost = 512;

    /// <summary>
    /// It names more by one repeated parameter than a stored response may have tags. Marks, stream and journal have room for what files say, not for what anybody makes of it in one line:
    /// such a write is refused before it is forwarded. One that is under way when its file is changed is raised whole.
    /// </summary>
    public bool IsTooMuch { get; private init; }

    /// <summary>The names of the policies whose responses it concerns.</summary>
    public IReadOnlyList<string> Concerns { get; private init; } = [];

    private CachePolicyTable? Table { get; init; }

    /// <summary>Whether it is what these policies say.</summary>
    public bool IsOf(CachePolicyTable table) => ReferenceEquals(table, Table);

    /// <summary>Whether no policy takes any of it; tags may be anybody's.</summary>
    public static bool IsOfNone(CachePolicyTable table, InvalidationScope scope) =>
        scope.Tags.Length == 0
        && Array.TrueForAll(scope.Urls, url => TargetName.TryParse(url, out var name) && table.MatchingForInvalidation(name.Authority, TargetParts.Path(name.Target)).Count == 0);

    /// <summary>What both say, in the words of one.</summary>
    public WriteScope And(WriteScope other)
    {
        ArgumentNullException.ThrowIfNull(other);
        return this with
        {
            Urls = [.. Urls.Union(other.Urls)],
            Tags = [.. Tags.Union(other.Tags)],
            Before = new InvalidationScope { Tags = [.. Before.Tags.Union(other.Before.Tags)] },
            Wait = other.Wait == InvalidationWait.All ? other.Wait : Wait,
            KeepsTags = KeepsTags || other.KeepsTags,
            Concerns = [.. Concerns.Union(other.Concerns)],
            IsTooMuch = IsTooMuch || other.IsTooMuch,
        };
    }

    /// <summary>What a request writes to: its target first, then where MOVE and COPY put it.</summary>
    private static IEnumerable<string> Targets(string method, string scheme, string? authority, string target, RequestHeaderSource headers) =>
        [target, .. UnsafeMethods.DestinationTargets(method, headers.Find("Destination"), scheme, authority ?? NoHost, target)];

    /// <param name="table">The policies in force.</param>
    /// <param name="method">Unsafe.</param>
    /// <param name="scheme">http or https.</param>
    /// <param name="authority">Normalised; null where the request names no host.</param>
    /// <param name="target">Path and query as the client wrote them.</param>
    /// <param name="headers">Whose values tags may name.</param>
    public static WriteScope Of(CachePolicyTable table, string method, string scheme, string? authority, string target, RequestHeaderSource headers) =>
        Targets(method, scheme, authority, target, headers).Select(written => Of(table, scheme, authority, written, headers)).Aggregate((all, one) => all.And(one));

    /// <summary>Of a request that nobody sent.</summary>
    public static WriteScope Of(CachePolicyTable table, TrialRequest request)
    {
        ArgumentNullException.ThrowIfNull(request);
        return Of(table, request.Method, request.Scheme, request.Authority, request.Target, new RequestHeaderSource(request.ToContext().Request.Headers));
    }

    private static WriteScope Of(CachePolicyTable table, string scheme, string? authority, string target, RequestHeaderSource headers)
    {
        var urls = new HashSet<string>(StringComparer.Ordinal);
        var tags = new HashSet<string>(StringComparer.Ordinal);
        var before = new HashSet<string>(StringComparer.Ordinal);
        var wait = InvalidationWait.Local;
        var compresses = false;
        var fits = true;
        var concerns = new List<string>();
        var forwardsTags = false;
        foreach (var spelling in Spellings(table, target))
        {
            urls.Add(Url(scheme, authority, spelling));
            var path = TargetParts.Path(spelling).ToString();
            foreach (var policy in table.MatchingForInvalidation(authority ?? "", path))
            {
                compresses |= policy.Compress;
                forwardsTags |= policy.ForwardTags;
                concerns.Add(policy.Name);
                if (policy.Match.Path is { } template)
                {
                    // A query of the write (?notify=true) says how, not what: the path alone names it, with every query.
                    urls.Add(Url(scheme, authority, path));
                    if (template.ListOf(path) is { } list)
                    {
                        // What lists it could hold it, or not any more: with every query.
                        urls.Add(Url(scheme, authority, list));
                        urls.Add(Url(scheme, authority, list + "/"));
                    }
                }

                var resource = new ResourceId(scheme, authority ?? NoHost, spelling, policy.Name, true);
                fits &= TagExpansion.AddRequestTags(tags, policy.Invalidates, policy, resource, headers);
                wait = policy.InvalidateOnAll ? InvalidationWait.All : wait;
                if (policy.InvalidateBefore)
                {
                    TagExpansion.AddRequestTags(before, policy.Invalidates, policy, resource, headers);
                }
            }
        }

        return new WriteScope(
            scheme, authority, target, [.. urls.Where(IsStorable)], [.. tags.Where(IsTag)], new InvalidationScope { Tags = [.. before.Where(IsTag)] }, wait, compresses, concerns.Count > 0 && !forwardsTags)
        {
            Concerns = [.. concerns.Distinct(StringComparer.Ordinal)],
            IsTooMuch = !fits,
            Table = table,
        };
    }

    /// <summary>What is stored may be spelt as the write is, as it should be, or as a policy writes it.</summary>
    private static HashSet<string> Spellings(CachePolicyTable table, string target)
    {
        var normal = TargetSpelling.Normalise(target);
        var query = TargetParts.Query(normal).ToString();
        return [target, normal, .. table.Spellings(TargetParts.Path(normal).ToString()).Select(path => path + query)];
    }

    /// <summary>All of it, with what the origin's answer names.</summary>
    /// <param name="response">The answer's fields; none where there is no answer.</param>
    /// <param name="asked">The host and port by which the origin was asked, normalised, or null.</param>
    public InvalidationScope With(HeaderField[] response, string? asked)
    {
        var targets = UnsafeMethods.SameOriginTargets(response, Scheme, Authority ?? NoHost, Target, asked);
        var groups = CacheGroups.Tags(new ResourceId(Scheme, Authority ?? NoHost, Target, "", false), response, "Cache-Group-Invalidation");
        return new InvalidationScope
        {
            Urls = [.. Urls, .. targets.Select(target => Url(Scheme, Authority, target)).Where(IsStorable)],
            Tags = [.. Tags, .. groups.Where(IsTag)],
        };
    }

    /// <summary>HTTP/1.0 may leave the host away: then it is the target of every host.</summary>
    private static string Url(string scheme, string? authority, string target) => authority is null ? target : $"{scheme}://{authority}{target}";

    /// <summary>Nothing is stored for longer targets, and a mark for each would only take room.</summary>
    private static bool IsStorable(string url) => url.Length <= KeyBuilder.MaxTarget + MostHost;

    /// <summary>What no stored response can have needs no mark; nodes would take it for something they cannot read.</summary>
    private static bool IsTag(string tag) => TagText.IsTag(tag);
}
