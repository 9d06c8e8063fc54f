using CacheGateway.Model;

namespace CacheGateway.Pipeline;

/// <summary>
/// What the forwarding of one request must know and tells back; set on the context (the client's own or a detached one) before YARP runs.
/// </summary>
internal sealed class ForwardFeature
{
    /// <summary>Path and query to send; null = the client's request target byte for byte.</summary>
    public string? Target { get; init; }

    /// <summary>The policy whose rules about request headers hold, or null where nothing is cached.</summary>
    public CachePolicy? Policy { get; init; }

    /// <summary>Called with the origin's response before its head goes on; not called when none came.</summary>
    public Func<HttpContext, OriginResponse, ValueTask>? OnResponse { get; init; }

    /// <summary>Whether an answer of the origin was seen.</summary>
    public bool Answered { get; set; }

    /// <summary>Whether the request may have reached the origin.</summary>
    public bool Sent { get; set; }
}

/// <summary>Facts of the origin's message that the copied headers no longer show.</summary>
/// <param name="Status">Status code.</param>
/// <param name="IsMalformed">Its status is no final one, or its length is ambiguous (several, none that is a number, or beside Transfer-Encoding): it is refused.</param>
/// <param name="IsCloseDelimited">The end of the body is the end of the connection: completeness cannot be proved.</param>
internal readonly record struct OriginResponse(int Status, bool IsMalformed, bool IsCloseDelimited);
