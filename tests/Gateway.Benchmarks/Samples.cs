using CacheGateway.Http;
using CacheGateway.Model;

namespace Gateway.Benchmarks;

/// <summary>A stored response and a request such as every benchmark needs.</summary>
internal static class Samples
{
    public static readonly CachePolicy Policy = new() { Name = "products", Key = KeyRules.Default with { Identity = IdentityRule.None } };

    public static StoredResponse Response(string target, VaryValue[]? vary = null) => new(Key(target))
    {
        Status = 200,
        Headers = [new("Content-Type", "application/json"), new("Cache-Control", "max-age=3600"), new("ETag", "\"5f3c\""), new("Date", "Sun, 06 Nov 1994 08:49:37 GMT")],
        Body = BodySegments.Copy(new byte[200]),
        Freshness = new Freshness { Lifetime = 3_600_000, Source = default, InitialAge = 0, ReceivedAt = 0 },
        Vary = vary ?? [],
        Epoch = 1,
        ETag = "\"5f3c\"",
        Date = DateTimeOffset.UnixEpoch,
    };

    public static CacheKey Key(string target)
    {
        var text = $"v1|9:default.1|14:products@1.1#0|6:origin|4:http|15:api.example.org|{target.Length}:{target}|0:";
        return new(text, new ResourceId("http", "api.example.org", target, Policy.Name, false), text.Length - target.Length - "|0:".Length);
    }

    public readonly record struct Browser : IHeaderSource
    {
        public string? Find(string name) => name == "Accept-Encoding" ? "gzip, deflate, br" : null;
    }
}
