using System.Diagnostics;
using System.Net;
using System.Net.Http.Json;
using CacheGateway.Hosting;
using CacheGateway.Model;
using CacheGateway.Storage;
using CacheGateway.Storage.Redis;

namespace Fence;

/// <summary>
/// Raising a tag that a million entries of this node's memory carry, against one that ten carry: by the admin API, through Redis, until it is
/// applied. The entries are put into memory directly; fetching a million would measure something else.
/// </summary>
internal static class RaiseCost
{
    private const int Many = 1_000_000;
    private const int Few = 10;
    private const int Warming = 200;
    private const int Times = 1000;

    public static async Task<string> MeasureAsync(RedisProcess redis)
    {
        await using var app = GatewayApplication.Create(
            new GatewaySettings
            {
                Origin = "http://127.0.0.1:1",
                Urls = ["http://127.0.0.1:0"],
                AdminUrls = ["http://127.0.0.1:0"],
                MemoryBytes = 4L * 1024 * 1024 * 1024,
                DeploymentId = "cost",
                Redis = new RedisSettings { EndPoints = [redis.Address] },
            },
            builder => builder.Logging.ClearProviders());
        await app.StartAsync();
        using var admin = new HttpClient { BaseAddress = new Uri(app.Urls.Last()) };
        var epochs = app.Services.GetRequiredService<TagEpochs>();
        var memory = app.Services.GetRequiredService<MemoryTier>();
        Fill(memory, epochs, "many", Many);
        Fill(memory, epochs, "few", Few);
        if (memory.Count != Many + Few)
        {
            throw new InvalidOperationException($"memory holds {memory.Count} entries");
        }

        var many = new List<double>();
        var few = new List<double>();
        for (var i = 0; i < Warming + Times; i++)
        {
            var (first, second) = (await RaiseAsync(admin, "many"), await RaiseAsync(admin, "few"));
            if (i >= Warming)
            {
                many.Add(first);
                few.Add(second);
            }
        }

        var dead = memory.Responses().Count(response => !epochs.IsAlive(response));
        if (dead != Many + Few)
        {
            throw new InvalidOperationException($"{dead} entries are dead");
        }

        var (costly, cheap) = (new Figures(many), new Figures(few));
        return $"raising a tag of {Many} entries: {costly}\nraising a tag of {Few} entries: {cheap}\nratio of the medians: {costly.Median / cheap.Median:0.00}";
    }

    private static async Task<double> RaiseAsync(HttpClient admin, string tag)
    {
        var sent = Stopwatch.GetTimestamp();
        using var answer = await admin.PostAsJsonAsync("/api/v2/cache/invalidate", new { tags = (string[])[tag], wait = "all" });
        return answer.StatusCode == HttpStatusCode.OK ? Stopwatch.GetElapsedTime(sent).TotalMilliseconds : throw new InvalidOperationException($"{(int)answer.StatusCode}");
    }

    private static void Fill(MemoryTier memory, TagEpochs epochs, string tag, int count)
    {
        var now = epochs.Now;
        for (var i = 0; i < count; i++)
        {
            var key = $"{tag}{i}";
            var response = new StoredResponse(new CacheKey("/" + key, new ResourceId("http", "h", "/" + key, "p", false), 0))
            {
                Status = 200,
                Headers = [],
                Body = BodySegments.Empty,
                Freshness = new Freshness { Lifetime = 3_600_000, Source = FreshnessSource.MaxAge, InitialAge = 0, ReceivedAt = 0 },
                Tags = [tag],
                Epoch = now.Value,
                Incarnation = now.Incarnation,
                Date = DateTimeOffset.UtcNow,
                Size = 512,
            };
            memory.Update("/" + key, _ => response);
        }
    }
}
