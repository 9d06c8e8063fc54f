using CacheGateway.Http;
using CacheGateway.Model;
using CacheGateway.Storage;
using Microsoft.Extensions.Primitives;
using Microsoft.Net.Http.Headers;

namespace CacheGateway.Pipeline;

/// <summary>
/// Which fields the request of a fetch has: those of the client's it was made from without preconditions, ranges and what belongs to a body or a connection,
/// and the validators of what is stored.
/// </summary>
internal static class DetachedFields
{
    private static readonly HashSet<string> NeverCopied = new(StringComparer.OrdinalIgnoreCase)
    {
        HeaderNames.IfMatch, HeaderNames.IfNoneMatch, HeaderNames.IfModifiedSince, HeaderNames.IfUnmodifiedSince, HeaderNames.IfRange,
        HeaderNames.Range, HeaderNames.Expect, HeaderNames.ContentLength, HeaderNames.ContentType, HeaderNames.TransferEncoding,
        HeaderNames.Connection, HeaderNames.Upgrade, HeaderNames.KeepAlive, HeaderNames.TE, HeaderNames.Trailer, "Proxy-Connection", "HTTP2-Settings",
    };

    /// <summary>A copy, made on the client's own thread before the fetch starts.</summary>
    public static IHeaderDictionary Of(HttpContext client, Fill fill, TagEpochs epochs)
    {
        var policy = fill.Policy;
        var request = client.Request;
        var headers = new HeaderDictionary(request.Headers.Count);
        foreach (var (name, values) in request.Headers)
        {
            if (!NeverCopied.Contains(name) && !ClientFields.AreTrusted(name, policy))
            {
                headers[name] = values;
            }
        }

        if (fill.IsBackground)
        {
            headers[HeaderNames.CacheControl] = MayAskOrigin(headers[HeaderNames.CacheControl]);
        }

        ForwardedFields.Keep(headers, policy, fill.Key.Resource.Authority, ForwardedFields.AffinityOf(client));
        AddValidators(headers, fill, epochs);
        return headers;
    }

    /// <summary>only-if-cached was about the client's answer, which it has. An upstream cache would refuse the refresh for it (RFC 9111 5.2.1.7).</summary>
    private static StringValues MayAskOrigin(StringValues control)
    {
        const string OnlyIfCached = "only-if-cached";
        var lines = control.ToString();
        if (!lines.Contains(OnlyIfCached, StringComparison.OrdinalIgnoreCase))
        {
            return control;
        }

        var others = string.Join(',', lines.Split(',').Where(member => !member.AsSpan().Trim().Equals(OnlyIfCached, StringComparison.OrdinalIgnoreCase)));
        return others.Length == 0 ? StringValues.Empty : others;
    }

    private static void AddValidators(IHeaderDictionary headers, Fill fill, TagEpochs epochs)
    {
        if (fill.Validating is not { IsJudgedUnseen: false } validating)
        {
            return;
        }

        // RFC 9111 4.3.1: all validators that the origin itself gave.
        if (validating.ETag is { } etag && !validating.ETagGenerated)
        {
            headers.IfNoneMatch = etag;
        }

        // After an invalidation, or where one may have been missed, a date proves something only where it could not have been the same before and after the change.
        if (validating.Header(HeaderNames.LastModified) is { } modified
            && ((epochs.IsTrustedFor(fill.Policy) && epochs.Check(validating) == Liveness.Alive) || validating.ModifiedStrength == DateStrength.Minute))
        {
            headers.IfModifiedSince = modified;
        }
    }
}
