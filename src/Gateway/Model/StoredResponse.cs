namespace CacheGateway.Model;

/// <summary>
/// A complete response as stored: made by a fill after one function judged it storable, replaced (never edited) when a 304 refreshes it,
/// dead when a mark above <see cref="Epoch"/> covers it. Only <see cref="AliveAt"/> changes, and only upwards.
/// </summary>
public sealed class StoredResponse
{
    private long _aliveAt;

    /// <summary>The full primary key (<see cref="CacheKey.Text"/>); compared on every read.</summary>
    public required string Key { get; init; }

    public required ResourceId Resource { get; init; }

    public required int Status { get; init; }

    /// <summary>Field lines to send, without hop-by-hop fields, Age and what the policy withholds from storage.</summary>
    public required HeaderField[] Headers { get; init; }

    public required BodySegments Body { get; init; }

    public required Freshness Freshness { get; init; }

    /// <summary>Selecting request headers (RFC 9111 4.1); empty when the response does not vary.</summary>
    public VaryValue[] Vary { get; init; } = [];

    /// <summary>User tags (policy templates, response headers, body paths), without the automatic ones that <see cref="Resource"/> gives.</summary>
    public string[] Tags { get; init; } = [];

    /// <summary>The epoch its node had applied before it asked the origin. Never renewed by reading or promoting.</summary>
    public required long Epoch { get; init; }

    /// <summary>Strong or weak, as received or generated; null when there is none.</summary>
    public string? ETag { get; init; }

    /// <summary>True when the ETag was made by this gateway: it is never sent to the origin.</summary>
    public bool ETagGenerated { get; init; }

    public DateTimeOffset? LastModified { get; init; }

    /// <summary>The origin's Date, or the wall clock at receipt when it sent none.</summary>
    public required DateTimeOffset Date { get; init; }

    /// <summary>For a stored 206: the range it holds and the length of the whole. Null for complete responses.</summary>
    public PartialContent? Partial { get; init; }

    /// <summary>The Cache-Control that clients get instead of the origin's, with <c>{max-age}</c> resolved per answer; null = as stored.</summary>
    public ClientCacheControl? ClientCacheControl { get; init; }

    /// <summary>The highest applied epoch at which this response was found alive; while nothing was raised since, aliveness is one comparison.</summary>
    public long AliveAt
    {
        get => Volatile.Read(ref _aliveAt);
        set => Volatile.Write(ref _aliveAt, value);
    }

    /// <summary>Bytes this response costs in memory: body, headers, key parts and object overhead, estimated upwards.</summary>
    public long Size { get; init; }

    public string? Header(string name)
    {
        foreach (var field in Headers)
        {
            if (field.Is(name))
            {
                return field.Value;
            }
        }

        return null;
    }
}
