using CacheGateway.Model;

namespace CacheGateway.Pipeline;

/// <summary>What a fill knows once the origin's response head was judged. Immutable; the same for every reader.</summary>
internal sealed record FillHead
{
    public required FillKind Kind { get; init; }

    public required int Status { get; init; }

    /// <summary>Why it may be stored (<see cref="Reason.Miss"/>) or not, or what failed.</summary>
    public required Reason Reason { get; init; }

    /// <summary>The origin's field lines without hop-by-hop fields: what the client that caused the fetch may see.</summary>
    public HeaderField[] OriginHeaders { get; init; } = [];

    /// <summary>The stored response: whole (<see cref="FillKind.Stored"/>), or with its body still to come (<see cref="FillKind.Storable"/>).</summary>
    public StoredResponse? Response { get; init; }

    /// <summary>The answer as it is for everybody who waited for it, where it is an error and nothing else keeps it from being stored; null in every other case.</summary>
    public SharedError? Error { get; init; }

    /// <summary>
    /// What the client that caused the fetch is told in place of the origin's Cache-Control, where the origin lets the answer be stored; null = the origin's own, also where fields go along that
    /// are this client's alone: a cache behind this one would keep them.
    /// </summary>
    public ClientCacheControl? LeaderCacheControl { get; init; }

    /// <summary>Milliseconds that the origin took. A part of the response's age for the store (RFC 9111 4.2.3).</summary>
    public long DelayMs { get; init; }

    /// <summary>Whether it may be stored, and so shared with followers; who may not have it for its own sake is judged for each (<see cref="OriginRoundTrip"/>).</summary>
    public bool IsShareable => Kind is FillKind.Storable or FillKind.Stored;

    public static FillHead Failed(int status, Reason reason) => new() { Kind = FillKind.Failed, Status = status, Reason = reason };
}

internal enum FillKind
{
    /// <summary>Judged storable: readers stream from it while it grows.</summary>
    Storable,

    /// <summary>A stored response was refreshed by a 304, or the whole is there already.</summary>
    Stored,

    /// <summary>A 304 confirmed the stored response, but its new fields forbid storing it: only the client that caused the fetch gets it.</summary>
    Withdrawn,

    /// <summary>Not storable: only the client that caused it reads it.</summary>
    Private,

    /// <summary>No response came.</summary>
    Failed,
}
