using System.Diagnostics.CodeAnalysis;

namespace CacheGateway.Model;

/// <summary>
/// A complete response as stored: made by a fill after one function judged it storable, replaced (never edited) when a 304 refreshes it,
/// dead when a mark above <see cref="Epoch"/> covers it. Only <see cref="AliveAt"/> and <see cref="Hits"/> change, and only upwards.
/// </summary>
public sealed class StoredResponse : VariantSet
{
    private const int MostHits = 1_000_000_000;

    /// <summary>Itself as the set that it is: seen through a reference, as the responses of every set are.</summary>
    private readonly StoredResponse _self;
    private readonly Extras? _extras;
    private readonly long _lastModified;
    private readonly long _date;
    private readonly long _lifetime;
    private readonly long _initialAge;
    private readonly long _receivedAt;
    private readonly ushort _status;
    private readonly FreshnessSource _source;
    private readonly Traits _traits;
    private long _size;
    private long _aliveAt;
    private long _lastHit;
    private int _hits;

    public StoredResponse(CacheKey key)
        : this(new StoredKey(key), null)
    {
    }

    private StoredResponse(StoredKey key, Extras? extras)
    {
        Key = key;
        _extras = extras;
        _self = this;
    }

    /// <summary>The same, but for what is seldom there; what its node knows of its use (<see cref="AliveAt"/>, <see cref="Hits"/>) begins anew.</summary>
    [SetsRequiredMembers]
    private StoredResponse(StoredResponse from, Extras? extras)
        : this(from.Key, extras)
    {
        (_status, Headers, Body, Tags, ETag, Epoch, Incarnation) = (from._status, from.Headers, from.Body, from.Tags, from.ETag, from.Epoch, from.Incarnation);
        (_lastModified, _date, _lifetime, _initialAge, _receivedAt, _source) = (from._lastModified, from._date, from._lifetime, from._initialAge, from._receivedAt, from._source);
        _traits = from._traits;
    }

    [Flags]
    private enum Traits : byte
    {
        RepeatsNames = 1,
        GeneratedETag = 2,
        SharedExplicitly = 4,
        AlwaysValidate = 8,
        NeverStale = 16,
        JudgedUnseen = 32,
        ModifiedBefore = 64,
        ModifiedLongBefore = 128,
    }

    public override ReadOnlySpan<StoredResponse> Responses => new(in _self);

    public ResourceId Resource => Key.Resource;

    public required int Status
    {
        get => _status;
        init => _status = checked((ushort)value);
    }

    /// <summary>Field lines to send, without hop-by-hop fields, Age and what the policy withholds from storage.</summary>
    public required HeaderField[] Headers
    {
        get;
        init
        {
            field = value;
            _traits = With(Traits.RepeatsNames, value is not null && Repeats(value));
        }
    }

    /// <summary>Whether a name stands in more than one of <see cref="Headers"/>.</summary>
    public bool HasRepeatedNames => (_traits & Traits.RepeatsNames) != 0;

    public required BodySegments Body { get; init; }

    /// <summary>Held in parts, as the windows after the lifetime are often 0 (24 bytes).</summary>
    public required Freshness Freshness
    {
        get => new()
        {
            Lifetime = _lifetime,
            Source = _source,
            InitialAge = _initialAge,
            ReceivedAt = _receivedAt,
            StaleWhileRevalidate = _extras?.StaleWhileRevalidate ?? 0,
            StaleIfError = _extras?.StaleIfError ?? 0,
            AlwaysValidate = (_traits & Traits.AlwaysValidate) != 0,
            NeverStale = (_traits & Traits.NeverStale) != 0,
        };
        init
        {
            (_lifetime, _source, _initialAge, _receivedAt) = (value.Lifetime, value.Source, value.InitialAge, value.ReceivedAt);
            _traits = With(Traits.AlwaysValidate, value.AlwaysValidate);
            _traits = With(Traits.NeverStale, value.NeverStale);
            if (Some.StaleWhileRevalidate != value.StaleWhileRevalidate || Some.StaleIfError != value.StaleIfError)
            {
                _extras = Some with { StaleWhileRevalidate = value.StaleWhileRevalidate, StaleIfError = value.StaleIfError };
            }
        }
    }

    /// <summary>Selecting request headers (RFC 9111 4.1); empty when the response does not vary.</summary>
    public VaryValue[] Vary
    {
        get => _extras?.Vary ?? [];
        init => _extras = value is [] ? _extras : Some with { Vary = value };
    }

    /// <summary>User tags (policy templates, response headers, body paths), without the automatic ones that <see cref="Resource"/> gives.</summary>
    public string[] Tags { get; init; } = [];

    /// <summary>The epoch its node had applied before it asked the origin. Never renewed by reading or promoting.</summary>
    public required long Epoch { get; init; }

    /// <summary>The incarnation that <see cref="Epoch"/> counts in.</summary>
    public long Incarnation { get; init; }

    /// <summary>Strong or weak, as received or generated; null when there is none. As received it is the text among <see cref="Headers"/>, where that is held once.</summary>
    public string? ETag { get; init; }

    /// <summary>True when the ETag was made by this gateway: it is never sent to the origin.</summary>
    public bool ETagGenerated
    {
        get => (_traits & Traits.GeneratedETag) != 0;
        init => _traits = With(Traits.GeneratedETag, value);
    }

    /// <summary>As the origin sent it, to the second; null where it sent none that is a date.</summary>
    public DateTimeOffset? LastModified
    {
        get => _lastModified == 0 ? null : new DateTimeOffset(_lastModified, TimeSpan.Zero);
        init => _lastModified = value?.UtcTicks ?? 0;
    }

    /// <summary>
    /// How sure <see cref="LastModified"/> tells these very bytes from others (RFC 9110 8.8.2.2): by how long before the Date of the answer that the body came with. A 304 has a later Date, and
    /// says no more about what was written in that second.
    /// </summary>
    public DateStrength ModifiedStrength
    {
        get => (_traits & Traits.ModifiedLongBefore) != 0 ? DateStrength.Minute : (_traits & Traits.ModifiedBefore) != 0 ? DateStrength.Second : DateStrength.Weak;
        init
        {
            _traits = With(Traits.ModifiedBefore, value == DateStrength.Second);
            _traits = With(Traits.ModifiedLongBefore, value == DateStrength.Minute);
        }
    }

    /// <summary>The origin's Date, or the wall clock at receipt when it sent none.</summary>
    public required DateTimeOffset Date
    {
        get => new(_date, TimeSpan.Zero);
        init => _date = value.UtcTicks;
    }

    /// <summary>For a stored 206: the range it holds and the length of the whole. Null for complete responses.</summary>
    public PartialContent? Partial
    {
        get => _extras?.Partial;
        init => _extras = value is null ? _extras : Some with { Partial = value };
    }

    /// <summary>The Cache-Control that clients get instead of the origin's; null = as stored.</summary>
    public ClientCacheControl? ClientCacheControl
    {
        get => _extras?.ClientCacheControl;
        init => _extras = value is null ? _extras : Some with { ClientCacheControl = value };
    }

    /// <summary>The highest applied epoch at which this response was found alive; while nothing was raised since, aliveness is one comparison.</summary>
    public long AliveAt
    {
        get => Volatile.Read(ref _aliveAt);
        set => Volatile.Write(ref _aliveAt, value);
    }

    /// <summary>Requests answered from it since it was stored here, as far as they were sampled; a thousand million stands for all beyond.</summary>
    public long Hits => Volatile.Read(ref _hits);

    /// <summary>When (monotonic milliseconds) it was last known to answer a request; means something only where there were <see cref="Hits"/>.</summary>
    public long LastHit => Volatile.Read(ref _lastHit);

    /// <summary>Bytes this response costs in memory: body, headers, key parts and object overhead, estimated upwards.</summary>
    public override long Size
    {
        get => _size;
        init => _size = value;
    }

    /// <summary>The response said public or s-maxage: it may meet requests that carry credentials (RFC 9111 3.5).</summary>
    public bool IsSharedExplicitly
    {
        get => (_traits & Traits.SharedExplicitly) != 0;
        init => _traits = With(Traits.SharedExplicitly, value);
    }

    /// <summary>
    /// Fields that a route's transforms take out had a part in how it was judged, and are not among <see cref="Headers"/>: what a 304 would be merged with says less than the origin did, so
    /// it is fetched whole and never validated. The same where the origin confirms something else by its validators.
    /// </summary>
    public bool IsJudgedUnseen
    {
        get => (_traits & Traits.JudgedUnseen) != 0;
        init => _traits = With(Traits.JudgedUnseen, value);
    }

    /// <summary>No coding is made of it here: what forbids that is not among <see cref="Headers"/> (<see cref="IsJudgedUnseen"/>). Other nodes cannot be told, and do not get it.</summary>
    public bool StaysAsItIs
    {
        get => _extras?.StaysAsItIs ?? false;
        init => _extras = value ? Some with { StaysAsItIs = true } : _extras;
    }

    /// <summary>The same response in content codings made here, each with headers and validator of its own; empty unless the policy compresses.</summary>
    public CodedResponse[] Coded => _extras?.Coded ?? [];

    internal override StoredKey Key { get; }

    private Extras Some => _extras ?? Extras.None;

    /// <summary>What is seldom there, without codings.</summary>
    private Extras? Uncompressed => Coded is [] ? _extras : Some with { Coded = [] };

    /// <summary>This response with its body at last, and what is made from it.</summary>
    public StoredResponse With(BodySegments body, string? etag, bool etagGenerated, string[] tags) =>
        new StoredResponse(this, Uncompressed) { Body = body, ETag = etag, ETagGenerated = etagGenerated, Tags = tags }.Measured();

    /// <summary>This response with other headers, body and validator: the same resource in a content coding.</summary>
    public StoredResponse As(HeaderField[] headers, BodySegments body, string? etag) =>
        new StoredResponse(this, Uncompressed) { Headers = headers, Body = body, ETag = etag }.Measured();

    /// <summary>This response with its codings beside it.</summary>
    public StoredResponse With(CodedResponse[] coded) => new StoredResponse(this, Some with { Coded = coded }).Measured();

    /// <summary>This response without the codings that it had, of which its date was, too: it does not tell their bytes from these.</summary>
    public StoredResponse Uncoded() => new StoredResponse(this, Uncompressed) { ModifiedStrength = DateStrength.Weak }.Measured();

    /// <summary>
    /// This response as a 304 refreshed it: other fields, freshness and tags, and what the policy of now tells clients; the same body (RFC 9111 4.3.4). A validator made here stays.
    /// </summary>
    public StoredResponse Refreshed(
        HeaderField[] headers, Freshness freshness, string[] tags, string? etag, DateTimeOffset? lastModified, DateTimeOffset date, FillEpoch epoch, bool isSharedExplicitly,
        ClientCacheControl? client) =>
        new StoredResponse(this, client == ClientCacheControl ? Uncompressed : Some with { Coded = [], ClientCacheControl = client })
        {
            Headers = headers,
            Freshness = freshness,
            Tags = tags,
            Epoch = epoch.Value,
            Incarnation = epoch.Incarnation,
            ETag = ETagGenerated ? ETag : etag,
            LastModified = lastModified,
            ModifiedStrength = lastModified == LastModified ? ModifiedStrength : DateStrength.Weak,
            Date = date,
            IsSharedExplicitly = isSharedExplicitly,
        }.Measured();

    /// <summary>This response with the origin's own Cache-Control for clients.</summary>
    public StoredResponse InOriginsWords() => ClientCacheControl is null ? this : new StoredResponse(this, Some with { ClientCacheControl = null }).Measured();

    /// <summary>This response with its body, on the clock of this node: as read from where other nodes put it.</summary>
    public StoredResponse With(BodySegments body, Freshness freshness) => new StoredResponse(this, Uncompressed) { Body = body, Freshness = freshness }.Measured();

    /// <summary>Counts requests that were answered from it; called for a sample of them, with the number the sample stands for and the time in monotonic milliseconds.</summary>
    public void CountHits(long count, long now)
    {
        if (Hits < MostHits)
        {
            Interlocked.Add(ref _hits, (int)Math.Min(count, MostHits));
        }

        Volatile.Write(ref _lastHit, now);
    }

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
    /// This response as one that is stale from now on, and may be used as any other that is: for an error where nothing forbids it, never where it is never to be stale. It is no newer for that:
    /// what was fetched meanwhile takes its place.
    /// </summary>
    /// <param name="now">Monotonic milliseconds.</param>
    public StoredResponse Outdated(long now) =>
        new StoredResponse(this, _extras) { Freshness = Freshness with { Lifetime = Math.Min(Freshness.Lifetime, Freshness.AgeAt(now)), StaleWhileRevalidate = 0 } }.Measured();

    /// <summary>This response as one that its origin is never asked to confirm: what is asked for next is the whole (<see cref="IsJudgedUnseen"/>).</summary>
    public StoredResponse Unconfirmed() => new StoredResponse(this, _extras) { IsJudgedUnseen = true }.Measured();

    /// <summary>Its size, once it is as it will be.</summary>
    private StoredResponse Measured()
    {
        _size = ResponseSize.Of(this, _extras is not null);
        return this;
    }

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

    private Traits With(Traits trait, bool isSo) => isSo ? _traits | trait : _traits & ~trait;

    /// <summary>What is seldom there: one reference (8 bytes) instead of all of it (56) where none of it is.</summary>
    private sealed record Extras(
        VaryValue[] Vary, PartialContent? Partial, ClientCacheControl? ClientCacheControl, CodedResponse[] Coded, long StaleWhileRevalidate, long StaleIfError, bool StaysAsItIs)
    {
        public static readonly Extras None = new([], null, null, [], 0, 0, false);
    }
}
