namespace CacheGateway.Http;

/// <summary>What the caching rules need to know of a request; field values as joined by <see cref="IHeaderSource"/>, null when absent.</summary>
public readonly record struct RequestFacts
{
    public bool IsHead { get; init; }

    public RequestDirectives Directives { get; init; }

    public bool HasAuthorization { get; init; }

    public bool HasCookie { get; init; }

    /// <summary>Which of <see cref="CredentialFields"/> the request has.</summary>
    public string[] Credentials
    {
        get => field ?? [];
        init;
    }

    public string? IfNoneMatch { get; init; }

    public string? IfModifiedSince { get; init; }

    public string? IfMatch { get; init; }

    public string? IfUnmodifiedSince { get; init; }

    public string? IfRange { get; init; }

    public string? Range { get; init; }
}
