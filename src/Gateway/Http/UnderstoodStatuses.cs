namespace CacheGateway.Http;

/// <summary>Final statuses whose caching rules are implemented here (RFC 9111 5.2.2.3): those that RFC 9110 15 defines.</summary>
internal static class UnderstoodStatuses
{
    public static bool Contains(int status) => status is
        (>= 200 and <= 206)
        or (>= 300 and <= 303) or 305 or 307 or 308
        or (>= 400 and <= 417) or 421 or 422 or 426
        or (>= 500 and <= 505);
}
