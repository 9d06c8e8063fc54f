namespace CacheGateway.Model;

/// <summary>
/// A complete response as stored: made by a fill after one function judged it storable, replaced (never edited) when a 304 refreshes it,
/// dead when a mark above <see cref="Epoch"/> covers it. Only <see cref="AliveAt"/> and <see cref="Hits"/> change, and only upwards.
/// </summary>
public sealed class StoredResponse
{
    private long _aliveAt;
    private long _hits;

    /// <summary>The full primary key (<see cref="CacheKey.Text"/>); compared on every read.</summary>
    public required string Key { get; init; }

    public required ResourceId Resource { get; init; }

    public required int Status { get; init; }

    /// <summary>Field lines to send, without hop-by-hop fields, Age and what the policy withholds from storage.</summary>
    public required HeaderField[] Headers
    {
        get;
        init
        {
            field = value;
            HasRepeatedNames = value is not null && Repeats(value);
        }
    }

    /// <summary>Whether a name stands in more than one of <see cref="Headers"/>.</summary>
    public bool HasRepeatedNames { get; private init; }

    public required BodySegments Body { get; init; }

    public required Freshness Freshness { get; init; }

    /// <summary>Selecting request headers (RFC 9111 4.1); empty when the response does not vary.</summary>
    public VaryValue[] Vary { get; init; } = [];

    /// <summary>User tags (policy templates, response headers, body paths), without the automatic ones that <see cref="Resource"/> gives.</summary>
    public string[] Tags { get; init; } = [];

    /// <summary>The epoch its node had applied before it asked the origin. Never renewed by reading or promoting.</summary>
    public required long Epoch { get; init; }

    /// <summary>The incarnation that <see cref="Epoch"/> counts in.</summary>
    public long Incarnation { get; init; }

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

    /// <summary>Requests answered from it since it was stored here, as far as they were sampled.</summary>
    public long Hits => Volatile.Read(ref _hits);

    /// <summary>Bytes this response costs in memory: body, headers, key parts and object overhead, estimated upwards.</summary>
    public long Size { get; init; }

    /// <summary>The response said public or s-maxage: it may meet requests that carry credentials (RFC 9111 3.5).</summary>
    public bool IsSharedExplicitly { get; init; }

    /// <summary>The same response in content codings made here, each with headers and validator of its own; empty unless the policy compresses.</summary>
    public CodedResponse[] Coded { get; private init; } = [];

    /// <summary>This response with its body at last, and what is made from it.</summary>
    public StoredResponse With(BodySegments body, string? etag, bool etagGenerated, string[] tags)
    {
        ArgumentNullException.ThrowIfNull(body);
        return Copy(Headers, body, Freshness, tags, new FillEpoch(Incarnation, Epoch), etag, etagGenerated, LastModified, Date, IsSharedExplicitly, []);
    }

    /// <summary>This response with other headers, body and validator: the same resource in a content coding.</summary>
    public StoredResponse As(HeaderField[] headers, BodySegments body, string? etag)
    {
        ArgumentNullException.ThrowIfNull(body);
        return Copy(headers, body, Freshness, Tags, new FillEpoch(Incarnation, Epoch), etag, ETagGenerated, LastModified, Date, IsSharedExplicitly, []);
    }

    /// <summary>This response with its codings beside it.</summary>
    public StoredResponse With(CodedResponse[] coded) =>
        Copy(Headers, Body, Freshness, Tags, new FillEpoch(Incarnation, Epoch), ETag, ETagGenerated, LastModified, Date, IsSharedExplicitly, coded);

    /// <summary>This response as a 304 refreshed it: other fields and freshness, the same body (RFC 9111 4.3.4).</summary>
    public StoredResponse Refreshed(
        HeaderField[] headers, Freshness freshness, DateTimeOffset? lastModified, DateTimeOffset date, FillEpoch epoch, bool isSharedExplicitly) =>
        Copy(headers, Body, freshness, Tags, epoch, ETag, ETagGenerated, lastModified, date, isSharedExplicitly, []);

    /// <summary>This response with its body, on the clock of this node: as read from where other nodes put it.</summary>
    public StoredResponse With(BodySegments body, Freshness freshness)
    {
        ArgumentNullException.ThrowIfNull(body);
        return Copy(Headers, body, freshness, Tags, new FillEpoch(Incarnation, Epoch), ETag, ETagGenerated, LastModified, Date, IsSharedExplicitly, []);
    }

    /// <summary>Counts requests that were answered from it; called for a sample of them, with the number the sample stands for.</summary>
    public void CountHits(long count) => Interlocked.Add(ref _hits, count);

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

    /// <summary>
    /// Object headers, arrays and fields beside the counted bytes: what a heap after a full collection shows for a small response, rounded up.
    /// </summary>
    private const long Overhead = 320;

    private StoredResponse Copy(HeaderField[] headers, BodySegments body, Freshness freshness, string[] tags, FillEpoch epoch, string? etag,
        bool etagGenerated, DateTimeOffset? lastModified, DateTimeOffset date, bool isSharedExplicitly, CodedResponse[] coded) => new()
        {
            Key = Key,
            Resource = Resource,
            Status = Status,
            Headers = headers,
            Body = body,
            Freshness = freshness,
            Vary = Vary,
            Tags = tags,
            Epoch = epoch.Value,
            Incarnation = epoch.Incarnation,
            ETag = etag,
            ETagGenerated = etagGenerated,
            LastModified = lastModified,
            Date = date,
            Partial = Partial,
            IsSharedExplicitly = isSharedExplicitly,
            ClientCacheControl = ClientCacheControl,
            Coded = coded,
            Size = SizeOf(headers, body, tags) + coded.Sum(one => one.Response.Size),
        };

    private static bool Repeats(HeaderField[] fields)
    {
        for (var i = 1; i < fields.Length; i++)
        {
            for (var before = 0; before < i; before++)
            {
                if (fields[i].Is(fields[before].Name))
                {
                    return true;
                }
            }
        }

        return false;
    }

    private long SizeOf(HeaderField[] headers, BodySegments body, string[] tags)
    {
        var size = Overhead + body.Length + (body.Segments.Length * 40L) + (Resource.Target.Length * 2L);
        foreach (var field in headers)
        {
            size += 60 + (2 * (field.Name.Length + field.Value.Length));
        }

        foreach (var vary in Vary)
        {
            size += 60 + (2 * (vary.Name.Length + (vary.Value?.Length ?? 0)));
        }

        foreach (var tag in tags)
        {
            size += 30 + (2 * tag.Length);
        }

        return size;
    }
}
