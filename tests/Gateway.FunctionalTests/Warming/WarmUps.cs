using System.Net;
using System.Text.Json;

namespace CacheGateway.FunctionalTests.Warming;

/// <summary>Warm-ups by the admin API, as tests start and watch them.</summary>
internal static class WarmUps
{
    public const string Path = "/api/v2/cache/warm-cache";

    /// <summary>Starts one and waits for its end.</summary>
    public static async Task<JsonElement> WarmAsync(this GatewayEnvironment env, object order) => await env.WarmEndAsync(await env.StartWarmingAsync(order));

    public static async Task<string> StartWarmingAsync(this GatewayEnvironment env, object order)
    {
        using var answer = await env.PostAdminAsync(Path, JsonSerializer.Serialize(order));
        Assert.Equal(HttpStatusCode.Accepted, answer.StatusCode);
        var id = (await ReadAsync(answer)).GetProperty("id").GetString()!;
        Assert.Equal($"{Path}/{id}", answer.Headers.Location!.ToString());
        return id;
    }

    public static async Task<JsonElement> WarmEndAsync(this GatewayEnvironment env, string id)
    {
        JsonElement job = default;
        await Deadline.Until(async () => (job = await env.WarmJobAsync(id)).GetProperty("state").GetString() != "running", $"the end of warm-up {id}");
        return job;
    }

    public static async Task<JsonElement> WarmJobAsync(this GatewayEnvironment env, string id)
    {
        using var answer = await env.AdminAsync($"{Path}/{id}");
        return await ReadAsync(answer);
    }

    /// <summary>The newest warm-up of a cause, once it has ended.</summary>
    public static async Task<JsonElement> WarmEndOfAsync(this GatewayEnvironment env, string cause)
    {
        JsonElement found = default;
        await Deadline.Until(async () =>
        {
            using var answer = await env.AdminAsync(Path);
            found = (await ReadAsync(answer)).EnumerateArray().FirstOrDefault(job => job.GetProperty("cause").GetString() == cause && job.GetProperty("state").GetString() == "done");
            return found.ValueKind == JsonValueKind.Object;
        }, $"a warm-up by {cause}");
        return found;
    }

    public static int Count(this JsonElement job, string name) => job.GetProperty(name).GetInt32();

    public static async Task<JsonElement> ReadAsync(HttpResponseMessage answer) => JsonDocument.Parse(await answer.Content.ReadAsStringAsync()).RootElement;
}
