using CacheGateway.Model;
using CacheGateway.Storage.Redis;

namespace CacheGateway.Tests.Storage.Redis;

/// <summary>The head that was recorded when version 1 was made, and what it is made of.</summary>
internal static class Heads
{
    public const string SigningKey = "a key for tests";

    public static readonly CacheKey Key = KeyOf("v1|4:test|9:default@1|4:http|11:shared.test|2:/x|0:");

    public static readonly byte[] Body = "the body"u8.ToArray();

    public static CacheKey KeyOf(string text) =>
        new(text, new ResourceId("http", "shared.test", "/x", "default", HasRoute: true), text.IndexOf("/x", StringComparison.Ordinal));

    public static StoredHead Head(Func<StoredResponse, StoredResponse>? change = null)
    {
        var response = new StoredResponse(Key)
        {
            Status = 200,
            Headers = [new("Content-Type", "text/plain"), new("X-Latin", "caf\u00e9")],
            Body = BodySegments.Empty,
            Freshness = new Freshness
            {
                Lifetime = 60_000,
                Source = FreshnessSource.MaxAge,
                InitialAge = 1_500,
                ReceivedAt = 1_700_000_000_123,
                StaleWhileRevalidate = 30_000,
                StaleIfError = 90_000,
            },
            Vary = [new("accept-encoding", "br"), new("x-tongue", null)],
            Tags = ["product:7", "products"],
            Epoch = 1_700_000_000_000_001,
            ETag = "\"v1\"",
            LastModified = new DateTimeOffset(2030, 1, 2, 3, 4, 5, TimeSpan.Zero),
            Date = new DateTimeOffset(2030, 1, 2, 3, 4, 6, TimeSpan.Zero),
            ClientCacheControl = new ClientCacheControl("public", 60),
            IsSharedExplicitly = true,
        };
        return new StoredHead(change?.Invoke(response) ?? response, "life-1", 1_700_000_000_123, BodyCodec.Encode(BodySegments.Copy(Body), isCompressed: false)!.Value.Name);
    }

    public static byte[] Recorded(string name) =>
        Convert.FromHexString(string.Concat(File.ReadAllLines(Path.Combine(AppContext.BaseDirectory, "Storage", "Redis", "Recorded", name + ".hex"))));
}
