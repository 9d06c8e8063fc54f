namespace CacheGateway.Soak;

/// <summary>What the origin has: answers that must not be stored, pages for all, variants, pages of users, large ones.</summary>
internal sealed class Resources
{
    private readonly Dictionary<string, Resource> _byPath;

    public Resources(Random random)
    {
        All =
        [
            // First, so that they are asked for often: what is stored must be asked for again to be seen.
            .. Make("n", 12, () => random.Next(100, 5_000)), .. Make("p", 600, () => random.Next(100, 40_000)), .. Make("v", 100, () => random.Next(100, 20_000)), .. Make("u", 60, () => random.Next(100, 5_000)),
            .. Make("big", 12, () => random.Next(300_000, 3_000_000)),
        ];
        _byPath = All.ToDictionary(resource => resource.Path);
    }

    public IReadOnlyList<Resource> All { get; }

    /// <summary>Policies of the gateways for them.</summary>
    public static string Policies => """
        { "policies": {
            "pages": { "match": { "path": "/p/{k}" }, "ttl": "20s", "jitter": 0.2, "staleWhileRevalidate": "2s", "staleIfError": "60s", "tags": ["p:{k}"], "invalidates": ["p:{k}"] },
            "variants": { "match": { "path": "/v/{k}" }, "ttl": "20s", "tags": ["v:{k}"], "invalidates": ["v:{k}"] },
            "users": { "match": { "path": "/u/{k}" }, "ttl": "20s", "key": { "identity": "isolate" }, "tags": ["u:{k}"], "invalidates": ["u:{k}"] },
            "never": { "match": { "path": "/n/{k}" }, "ttl": "20s", "tags": ["n:{k}"] },
            "large": { "match": { "path": "/big/{k}" }, "ttl": "20s", "maxBody": "1MB", "tags": ["big:{k}"], "invalidates": ["big:{k}"] } } }
        """;

    public Resource? Find(string path) => _byPath.GetValueOrDefault(path);

    /// <summary>Few are asked for often, most seldom.</summary>
    public Resource Pick(Random random) => All[(int)(All.Count * random.NextDouble() * random.NextDouble())];

    private static IEnumerable<Resource> Make(string kind, int count, Func<int> length) =>
        Enumerable.Range(0, count).Select(number => new Resource(kind, number, length()));
}
