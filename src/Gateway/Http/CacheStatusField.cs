using System.Globalization;
using System.Text;
using CacheGateway.Model;

namespace CacheGateway.Http;

/// <summary>
/// Cache-Status (RFC 9211): one member for this cache, with the reason as detail.
/// </summary>
public static class CacheStatusField
{
    private const string Name = "CacheGateway";

    public static string Hit(long ttlSeconds, Reason detail) =>
        string.Create(CultureInfo.InvariantCulture, $"{Name}; hit; ttl={ttlSeconds}; detail={detail.Text()}");

    /// <summary>For a request that went to the origin.</summary>
    public static string Forward(string fwd, int? fwdStatus, bool stored, bool collapsed, long? ttlSeconds, Reason detail)
    {
        var text = new StringBuilder(Name, 96).Append("; fwd=").Append(fwd);
        if (fwdStatus is { } status)
        {
            text.Append(CultureInfo.InvariantCulture, $"; fwd-status={status}");
        }

        if (stored)
        {
            text.Append("; stored");
        }

        if (collapsed)
        {
            text.Append("; collapsed");
        }

        if (ttlSeconds is { } ttl)
        {
            text.Append(CultureInfo.InvariantCulture, $"; ttl={ttl}");
        }

        return text.Append("; detail=").Append(detail.Text()).ToString();
    }

    /// <summary>For a request that passed, or failed.</summary>
    public static string Fwd(Reason reason) => $"{Name}; fwd={TokenOf(reason)}; detail={reason.Text()}";

    /// <summary>The closed list of RFC 9211 2.2.</summary>
    public static string TokenOf(Reason reason) => reason switch
    {
        Reason.MethodUnsafe or Reason.MethodNotCacheable => "method",
        Reason.VaryMiss => "vary-miss",
        Reason.Miss or Reason.Collapsed => "uri-miss",
        Reason.Expired or Reason.MustRevalidate or Reason.ResponseNoCache or Reason.Invalidated or Reason.StaleWhileRevalidate or Reason.StaleIfError => "stale",
        Reason.RequestNoCache or Reason.RequestMaxAge or Reason.RequestMinFresh or Reason.RequestNoStore => "request",
        Reason.PartialMiss or Reason.RequestRange => "partial",
        Reason.HitForMiss or Reason.WaitTimeout or Reason.FillBudget or Reason.OriginUnreachable or Reason.OriginTimeout or Reason.OriginFailed
            or Reason.OriginTruncated or Reason.OriginChanged or Reason.OnlyIfCached => "miss",
        _ => "bypass",
    };
}
