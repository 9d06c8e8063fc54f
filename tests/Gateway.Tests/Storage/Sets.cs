using CacheGateway.Model;
using CacheGateway.Storage;

namespace CacheGateway.Tests.Storage;

/// <summary>Stored responses for tests of storage.</summary>
internal static class Sets
{
    public static readonly ResourceId Resource = new("http", "h", "/p", "policy", false);

    /// <summary>Whether no hard invalidation after <paramref name="epoch"/> named what a fill fetches.</summary>
    public static bool IsAlive(this TagEpochs epochs, FillEpoch epoch, in ResourceId resource, IReadOnlyList<string> tags) =>
        epochs.Check(epoch, resource, tags) != Liveness.Dead;

    /// <summary>A set of one whose <see cref="VariantSet.Size"/> is <paramref name="size"/>.</summary>
    public static VariantSet Of(string key, long size = 0, long epoch = 0) => Response(key, size, epoch);

    public static StoredResponse Response(string key = "k", long size = 0, long epoch = 0, ResourceId? resource = null, params string[] tags) =>
        new(resource is { } named ? new CacheKey(key + named.Target, named, key.Length) : new CacheKey(key, Resource with { Target = key }, 0))
        {
            Status = 200,
            Headers = [],
            Body = BodySegments.Empty,
            Freshness = new Freshness { Lifetime = 1000, Source = default, InitialAge = 0, ReceivedAt = 0 },
            Epoch = epoch,
            Date = DateTimeOffset.UnixEpoch,
            Tags = tags,
            Size = size,
        };

    public static StoredResponse Response(FillEpoch epoch, params string[] tags) => new(new CacheKey(Resource.Target, Resource, 0))
    {
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
