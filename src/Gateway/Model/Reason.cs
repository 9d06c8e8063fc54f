namespace CacheGateway.Model;

/// <summary>
/// Why a request was answered as it was: the one closed list behind <c>Cache-Status; detail=</c>, logs, metrics and explanations.
/// Append only; the text on the wire is the name in kebab case (<see cref="ReasonNames"/>).
/// </summary>
public enum Reason
{
    // Served from the cache
    Fresh,
    StaleWhileRevalidate,
    StaleIfError,
    MaxStale,
    JustValidated,
    Collapsed,

    // Went to the origin, and might have been served
    Miss,
    VaryMiss,
    Expired,
    ResponseNoCache,
    MustRevalidate,
    RequestNoCache,
    RequestMaxAge,
    RequestMinFresh,
    Invalidated,
    PartialMiss,
    OriginChanged,

    // Passed: known beforehand that no stored response can come of it
    NoPolicy,
    PolicyOff,
    CacheOff,
    MethodUnsafe,
    MethodNotCacheable,
    RequestNoStore,
    RequestHasContent,
    RequestUpgrade,
    EventStream,
    Credentials,
    Cookies,
    Unkeyable,
    HitForMiss,
    RequestRange,
    RequestPrecondition,
    RequestHeaderBypass,
    WaitTimeout,
    FillBudget,

    // Answer of the origin was not stored
    ResponseNoStore,
    ResponsePrivate,
    ResponseSetCookie,
    ResponseVaryStar,
    ResponseStatus,
    ResponseNoFreshness,
    ResponseAlreadyStale,
    ResponseAuthorization,
    ResponseMustUnderstand,
    ResponseTooLarge,
    ResponseIncomplete,
    ResponseAmbiguous,
    ResponsePartial,
    ResponseTags,
    ResponsePolicyTtlZero,
    InvalidatedDuringFetch,

    // Failed
    OnlyIfCached,
    OriginUnreachable,
    OriginTimeout,
    OriginFailed,
    OriginTruncated,
    Loop,

    // Went to the origin: this node cannot know what was invalidated elsewhere
    Blind,

    // Failed: the origin was not asked, because as much as it is given is under way, or because it lately gave no answers
    OriginBusy,
    OriginDown,

    // Passed: the URL holds a secret
    SecretInUrl,
}
