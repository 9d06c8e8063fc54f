using System.Security.Cryptography;
using System.Text;
using CacheGateway.Diagnostics;
using CacheGateway.Diagnostics.Traffic;
using CacheGateway.Http;
using CacheGateway.Invalidation.Redis;
using CacheGateway.Model;
using CacheGateway.Policies;
using CacheGateway.Storage;

namespace CacheGateway.Invalidation;

/// <summary>
/// The single door of every invalidation, whoever asks for it: unsafe methods, events, webhooks, the admin API, responses that name groups.
/// Adds what the cascade map says, raises the fence through the bus, and answers with a receipt.
/// </summary>
internal sealed class Invalidator(IInvalidationBus bus, IPolicySource policies, GatewayMetrics metrics, ILogger<Invalidator> logger)
{
    /// <summary>A name longer than this is cut in the audit.</summary>
    private const int LongestName = 256;

    /// <summary>Told of every invalidation raised here, after the fact; handlers must be quick.</summary>
    public event Action<InvalidationOrder, InvalidationReceipt>? Applied;

    /// <summary>Raises <paramref name="scope"/>; when this returns, no later request on this node meets anything older.</summary>
    public Task<InvalidationReceipt> RaiseAsync(
        InvalidationScope scope, InvalidationSource source, InvalidationWait wait, CancellationToken cancellation = default) =>
        RaiseAsync(new InvalidationOrder { Id = NewId(), Scope = scope, Source = source, Wait = wait }, cancellation);

    public async Task<InvalidationReceipt> RaiseAsync(InvalidationOrder order, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(order);
        var scope = Cascade(order.Scope);
        var cascaded = order with
        {
            // In what is kept and told, nobody's URL takes more room than another's.
            Scope = Array.Exists(scope.Urls, url => url.Length > TargetName.Longest) ? scope with { Urls = Array.ConvertAll(scope.Urls, TargetName.Brief) } : scope,
            Once = order.Once is { } once ? $"{once}:{Digest(scope)}" : null,
            Who = order.Who.Length > LongestName ? order.Who[..LongestName] : order.Who,
        };
        var receipt = await bus.RaiseAsync(cascaded, cancellation);
        if (!receipt.IsRepeated)
        {
            receipt = receipt with { Raised = scope };
            metrics.Invalidated(order.Source.ToString());
            Applied?.Invoke(cascaded, receipt);
            if (logger.IsEnabled(LogLevel.Debug))
            {
                logger.Raised(receipt.Epoch, order.Source.ToString(), Describe(cascaded.Scope));
            }
        }
        else if (receipt.Durable && logger.IsEnabled(LogLevel.Debug))
        {
            logger.Repeated(order.Source.ToString());
        }

        return receipt;
    }

    /// <summary>
    /// <paramref name="scope"/> with every tag that its tags raise and that a stored response can have, and with every URL and prefix as it should be spelt (RFC 3986 6.2.2) and as
    /// the policies spell it whose path and hosts hold: what is stored has the query that they leave, in the order that they give it.
    /// </summary>
    public InvalidationScope Cascade(InvalidationScope scope)
    {
        ArgumentNullException.ThrowIfNull(scope);
        var table = policies.Current;
        return scope with
        {
            Tags = scope.Tags.Length == 0 ? [] : [.. table.Cascade(scope.Tags).Where(tag => TagText.IsTag(tag))],
            Urls = Array.Exists(scope.Urls, MaySpellOtherwise) ? [.. scope.Urls.SelectMany(url => Spellings(url, table)).Distinct(StringComparer.Ordinal)] : scope.Urls,
            Prefixes = Array.Exists(scope.Prefixes, MaySpellOtherwise) ? [.. scope.Prefixes.SelectMany(Spellings).Distinct(StringComparer.Ordinal)] : scope.Prefixes,
        };
    }

    /// <summary>A query has what policies leave out; what is encoded may be so in another way, and dot segments are none of what is stored.</summary>
    private static bool MaySpellOtherwise(string url) => url.AsSpan().ContainsAny('?', '%') || url.Contains("/.", StringComparison.Ordinal);

    private static IEnumerable<string> Spellings(string url, CachePolicyTable table)
    {
        yield return url;
        if (!TargetName.TryParse(url, out var name))
        {
            yield break;
        }

        var server = Server(url, name);
        foreach (var target in (HashSet<string>)[name.Target, TargetSpelling.Normalise(name.Target)])
        {
            yield return server + target;
            foreach (var policy in target.Contains('?', StringComparison.Ordinal) ? table.MatchingForInvalidation(name.Authority, TargetParts.Path(target)) : [])
            {
                yield return server + QueryRules.Apply(target, policy.Key);
            }
        }
    }

    private static IEnumerable<string> Spellings(string prefix)
    {
        yield return prefix;
        if (TargetName.TryParse(prefix, out var name))
        {
            // What follows is not known: a dot at the end begins a name as well as it is a segment.
            yield return Server(prefix, name) + TargetSpelling.Normalise(name.Target + "x")[..^1];
        }
    }

    private static string Server(string url, TargetName name) => name.Authority.Length == 0 ? "" : $"{url[..url.IndexOf("://", StringComparison.Ordinal)]}://{name.Authority}";

    public static string NewId() => Guid.NewGuid().ToString("N");

    /// <summary>
    /// Part of what is remembered as done. Gateways may have rules of their own, all through a rolling deploy: what others made of the same cause is done when it is the same, and not when it is less.
    /// </summary>
    private static string Digest(InvalidationScope scope) =>
        Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(ScopeText.Write(scope with { Tags = [.. scope.Tags.Order(StringComparer.Ordinal)] }))).AsSpan(0, 16));

    private static string[] Together(string[] tags) => tags.Length == 0 ? [] : [string.Join('+', tags)];

    private static string Describe(InvalidationScope scope) => scope.All ? "all" : string.Join(
        ' ',
        [
            .. scope.Tags, .. Together(scope.Every), .. scope.Urls.Select(url => "url:" + RedactedKey.OfUrl(url)),
            .. scope.Prefixes.Select(prefix => "prefix:" + RedactedKey.OfUrl(prefix)), .. scope.Policies.Select(policy => "policy:" + policy),
        ]);
}
