using System.Net.Http.Headers;
using CacheGateway.Http;
using CacheGateway.Model;
using Microsoft.Net.Http.Headers;
using Yarp.ReverseProxy.Configuration;

namespace CacheGateway.Pipeline;

/// <summary>Facts of the origin's message that the copied headers no longer show.</summary>
/// <param name="Status">Status code.</param>
/// <param name="IsMalformed">
/// Its status is no final one, its length is ambiguous (several, none that is a number, or beside Transfer-Encoding), or a field has control characters: it is refused.
/// </param>
/// <param name="AffinityKey">Name of the cookie or field by which the gateway itself binds a client to a destination, or null.</param>
/// <param name="Hidden">Fields that count although the route's transforms took them away (<see cref="HiddenFields"/>).</param>
internal readonly record struct OriginResponse(int Status, bool IsMalformed, string? AffinityKey, HeaderField[] Hidden)
{
    /// <summary>Whether it is judged by fields that nobody sees any more. Tags are for this cache alone: whether clients see them makes no difference to what an answer means to them.</summary>
    public bool IsJudgedUnseen => Hidden.Length > 0 && Array.Exists(Hidden, static hidden => !AnswerFields.IsTag(hidden));

    /// <summary>Only the end of the connection tells where its body ends.</summary>
    public bool IsCloseDelimited { get; init; }

    /// <summary>Whether its origin may go on after it: over HTTP/2 an answer can be whole before the request is, and its head comes apart from its end where it has no content.</summary>
    public bool IsBeforeItsEnd { get; init; }

    /// <summary>Whether a field was put on by the gateway's session affinity: it belongs to one client and is no part of the origin's answer.</summary>
    public bool IsAffinity(HeaderField field) => AffinityKey is { } key
        && (field.Is(key) || (field.Is("Set-Cookie") && field.Value.StartsWith(key, StringComparison.Ordinal) && field.Value.AsSpan(key.Length).StartsWith("=")));

    /// <summary>As it came, before anything was taken from it.</summary>
    public static OriginResponse Of(HttpResponseMessage response, SessionAffinityConfig? affinity, CachePolicy? policy, HeaderField[] hidden)
    {
        var chunked = response.Headers.NonValidated.TryGetValues(HeaderNames.TransferEncoding, out var codings);
        var lengths = response.Content.Headers.NonValidated.TryGetValues(HeaderNames.ContentLength, out var values) ? values : default;
        var status = (int)response.StatusCode;
        var malformed = status is < 200 and not StatusCodes.Status101SwitchingProtocols
            || lengths.Count > 1
            || (chunked && !(codings.Count == 1 && (codings.ToString().Equals("chunked", StringComparison.OrdinalIgnoreCase)
                || (policy is not null && ProfileRules.For(policy.Profile).TakesUnknownCodings && !codings.ToString().Contains("chunked", StringComparison.OrdinalIgnoreCase)))))
            || (lengths.Count == 1 && (chunked || !IsLength(lengths.ToString())))
            || HasControls(response.Headers.NonValidated) || HasControls(response.Content.Headers.NonValidated);
        return new OriginResponse(status, malformed, affinity is { Enabled: true } ? affinity.AffinityKeyName : null, hidden)
        {
            IsCloseDelimited = response.Version.Major == 1 && lengths.Count == 0 && !(chunked && codings.ToString().Contains("chunked", StringComparison.OrdinalIgnoreCase))
                && status is not (StatusCodes.Status204NoContent or StatusCodes.Status205ResetContent or StatusCodes.Status304NotModified)
                && response.RequestMessage?.Method != HttpMethod.Head,
            IsBeforeItsEnd = response.Version.Major > 1,
        };
    }

    /// <summary>
    /// RFC 9110 5.5: judged where the answer is first seen, before anything of it is stored, merged or sent: no server writes such a value, and each who got it from
    /// the store would get an error in its place.
    /// </summary>
    private static bool HasControls(HttpHeadersNonValidated fields)
    {
        foreach (var (_, values) in fields)
        {
            foreach (var value in values)
            {
                if (!Tokens.IsFieldValue(value))
                {
                    return true;
                }
            }
        }

        return false;
    }

    /// <summary>Digits alone, and no more of them than any length has.</summary>
    private static bool IsLength(string text) => text.Length is > 0 and <= 18 && text.AsSpan().IndexOfAnyExceptInRange('0', '9') < 0;
}
