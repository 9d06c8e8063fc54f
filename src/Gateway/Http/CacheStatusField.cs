using System.Globalization;
using CacheGateway.Model;

namespace CacheGateway.Http;

/// <summary>Values of the Cache-Status field (RFC 9211 2): one list member, parameters in a fixed order.</summary>
public static class CacheStatusField
{
    public const string CacheName = "CacheGateway";

    private static readonly ForwardText?[] Before = new ForwardText?[256];

    private static readonly SecondsText Fresh = new(ttl => Write(ttl, Reason.Fresh));

    /// <summary>Answered without the origin; a negative <paramref name="ttlSeconds"/> says that the response was stale.</summary>
    public static string Hit(long ttlSeconds, Reason detail) => detail == Reason.Fresh ? Fresh.Of(ttlSeconds) : Write(ttlSeconds, detail);

    private static string Write(long ttlSeconds, Reason detail) =>
        string.Create(CultureInfo.InvariantCulture, $"{CacheName}; hit; ttl={ttlSeconds}; detail={detail.Text()}");

    /// <summary>What a request that only passed says of an answer with this status.</summary>
    public static string Passed(Reason reason, int? status) => Forward(Fwd(reason), status, stored: false, collapsed: false, null, reason);

    /// <summary>RFC 9211 2.4: seconds of freshness that are left at an age, both as they are told; negative where the response is stale.</summary>
    public static long Left(Freshness freshness, long ageMs) => (freshness.Lifetime / 1000) - (ageMs / 1000);

    /// <summary>Asked of the origin; most of what is to be said was said lately, and is found again.</summary>
    public static string Forward(string fwd, int? fwdStatus, bool stored, bool collapsed, long? ttl, Reason detail)
    {
        var asked = new Asked(fwd, fwdStatus, stored, collapsed, ttl, detail);
        ref var slot = ref Before[asked.GetHashCode() & (Before.Length - 1)];
        if (slot is not { } said || said.Asked != asked)
        {
            slot = said = new ForwardText(asked, Write(asked));
        }

        return said.Text;
    }

    private static string Write(in Asked asked) =>
        string.Concat(
            string.Create(CultureInfo.InvariantCulture, $"{CacheName}; fwd={asked.Fwd}"),
            asked.FwdStatus is { } status ? string.Create(CultureInfo.InvariantCulture, $"; fwd-status={status}") : "",
            asked.Stored ? "; stored" : "",
            string.Concat(
                asked.Collapsed ? "; collapsed" : "",
                asked.Ttl is { } seconds ? string.Create(CultureInfo.InvariantCulture, $"; ttl={seconds}") : "",
                $"; detail={asked.Detail.Text()}"));

    /// <summary>Why the request went forward, in the words of RFC 9211 2.2. Reasons of pure hits have no such word; they give the general "miss".</summary>
    public static string Fwd(Reason reason) => reason switch
    {
        Reason.Fresh or Reason.JustValidated or Reason.MaxStale => "miss",
        Reason.StaleWhileRevalidate or Reason.StaleIfError => "stale",
        Reason.Collapsed => "uri-miss",

        Reason.Miss or Reason.HitForMiss => "uri-miss",
        Reason.VaryMiss => "vary-miss",
        Reason.Expired or Reason.ResponseNoCache or Reason.MustRevalidate or Reason.Invalidated or Reason.Blind => "stale",
        Reason.RequestNoCache or Reason.RequestMaxAge or Reason.RequestMinFresh => "request",
        Reason.PartialMiss => "partial",
        Reason.OriginChanged => "miss",

        Reason.MethodUnsafe or Reason.MethodNotCacheable => "method",
        Reason.RequestNoStore or Reason.RequestRange or Reason.RequestPrecondition or Reason.RequestHasContent => "request",
        Reason.NoPolicy or Reason.PolicyOff or Reason.CacheOff or Reason.RequestUpgrade or Reason.EventStream => "bypass",
        Reason.Credentials or Reason.Cookies or Reason.SecretInUrl or Reason.Unkeyable or Reason.RequestHeaderBypass or Reason.Loop => "bypass",
        Reason.WaitTimeout or Reason.FillBudget => "miss",

        Reason.ResponseNoStore or Reason.ResponsePrivate or Reason.ResponseSetCookie or Reason.ResponseVaryStar or Reason.ResponseStatus => "miss",
        Reason.ResponseNoFreshness or Reason.ResponseAlreadyStale or Reason.ResponseAuthorization or Reason.ResponseMustUnderstand => "miss",
        Reason.ResponseTooLarge or Reason.ResponseIncomplete or Reason.ResponseAmbiguous or Reason.ResponsePartial or Reason.ResponseTags => "miss",
        Reason.ResponsePolicyTtlZero or Reason.InvalidatedDuringFetch => "miss",

        Reason.OnlyIfCached => "request",
        Reason.OriginUnreachable or Reason.OriginTimeout or Reason.OriginFailed or Reason.OriginTruncated => "miss",
        Reason.OriginBusy or Reason.OriginDown => "miss",
        _ => throw new ArgumentOutOfRangeException(nameof(reason), reason, "has no word in RFC 9211 2.2"),
    };

    private readonly record struct Asked(string Fwd, int? FwdStatus, bool Stored, bool Collapsed, long? Ttl, Reason Detail);

    private sealed record ForwardText(Asked Asked, string Text);
}
