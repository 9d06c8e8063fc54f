namespace CacheGateway.Http;

/// <summary>What a request's preconditions make of the answer.</summary>
public enum PreconditionOutcome
{
    /// <summary>Answer in full (a Range may still apply).</summary>
    Proceed,

    /// <summary>304.</summary>
    NotModified,

    /// <summary>412.</summary>
    Failed,
}
