namespace CacheGateway.Http;

/// <summary>What is done with a request.</summary>
public enum ServeAction
{
    /// <summary>Answer from the stored response.</summary>
    Serve,

    /// <summary>Answer from it, and refresh it in the background (RFC 5861 3).</summary>
    ServeStaleAndRefresh,

    /// <summary>Ask the origin about the stored response: with its validators where it has any, else anew.</summary>
    Validate,

    /// <summary>Fetch; nothing stored helps.</summary>
    Fetch,

    /// <summary>Forward the request as it is, past the cache.</summary>
    Pass,

    /// <summary>504, as only-if-cached asks (RFC 9111 5.2.1.7).</summary>
    Fail,
}
