using CacheGateway.Model;

namespace CacheGateway.Tests.Storage;

/// <summary>Stored responses for tests of storage.</summary>
internal static class Sets
{
    public static readonly ResourceId Resource = new("http", "h", "/p", "policy", null);

    /// <summary>A set whose <see cref="VariantSet.Size"/> is 120 + twice the key's length + <paramref name="size"/>.</summary>
    public static VariantSet Of(string key, long size = 0, long epoch = 0) => new(key, [Response(key, size, epoch)]);

    public static StoredResponse Response(string key = "k", long size = 0, long epoch = 0, ResourceId? resource = null, params string[] tags) => new()
    {
        Key = key,
        Resource = resource ?? Resource,
        Status = 200,
        Headers = [],
        Body = BodySegments.Empty,
        Freshness = new Freshness { Lifetime = 1000, Source = default, InitialAge = 0, ReceivedAt = 0 },
        Epoch = epoch,
        Date = DateTimeOffset.UnixEpoch,
        Tags = tags,
        Size = size,
    };

    public static StoredResponse Response(FillEpoch epoch, params string[] tags) => new()
    {
        Key = "k",
        Resource = Resource,
        Status = 200,
        Headers = [],
        Body = BodySegments.Empty,
        Freshness = new Freshness { Lifetime = 1000, Source = default, InitialAge = 0, ReceivedAt = 0 },
        Epoch = epoch.Value,
        Incarnation = epoch.Incarnation,
        Date = DateTimeOffset.UnixEpoch,
        Tags = tags,
    };
}
