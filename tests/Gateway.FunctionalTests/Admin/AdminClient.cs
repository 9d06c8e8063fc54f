using System.Text.Json;
using CacheGateway.Diagnostics.Traffic;
using Microsoft.Extensions.DependencyInjection;

namespace CacheGateway.FunctionalTests.Admin;

/// <summary>The admin API as the tests read it.</summary>
internal static class AdminClient
{
    public static async Task<JsonElement> JsonAsync(this GatewayEnvironment env, string path)
    {
        using var answer = await env.AdminAsync("/api/v2/cache/" + path);
        Assert.True(answer.IsSuccessStatusCode, $"{(int)answer.StatusCode} for {path}");
        return JsonDocument.Parse(await answer.Content.ReadAsStringAsync()).RootElement;
    }

    public static async Task<JsonElement> PostJsonAsync(this GatewayEnvironment env, string path, object body)
    {
        using var answer = await env.PostAdminAsync("/api/v2/cache/" + path, JsonSerializer.Serialize(body, JsonSerializerOptions.Web));
        var text = await answer.Content.ReadAsStringAsync();
        Assert.True(answer.IsSuccessStatusCode, $"{(int)answer.StatusCode} for {path}: {text}");
        return JsonDocument.Parse(text).RootElement;
    }

    /// <summary>The totals once they satisfy a condition: a request is counted at the end of its answer, which a client may see before.</summary>
    public static async Task<JsonElement> UntilTotalAsync(this GatewayEnvironment env, Func<JsonElement, bool> condition, string query = "")
    {
        var total = default(JsonElement);
        await Deadline.Until(async () => condition(total = (await env.JsonAsync("metrics" + query)).GetProperty("total")), "the numbers of the admin API");
        return total;
    }

    public static Task UntilRequestsAsync(this GatewayEnvironment env, int count) => env.UntilTotalAsync(total => total.Number("requests") == count);

    /// <summary>A slot of traffic ends, with all that looks at it. Several at once would close while the next requests are counted.</summary>
    public static async Task EndSlotAsync(this GatewayEnvironment env)
    {
        var recorder = env.Services.GetRequiredService<TrafficRecorder>();
        var ended = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        void Done() => ended.TrySetResult();
        recorder.SlotClosed += Done;
        env.Time.Advance(TrafficHistory.ShortSlot);
        await Deadline.Within(ended.Task, "the end of a slot");
        recorder.SlotClosed -= Done;
    }

    public static async Task EndSlotsAsync(this GatewayEnvironment env, int count)
    {
        for (var i = 0; i < count; i++)
        {
            await env.EndSlotAsync();
        }
    }

    /// <summary>The first entry with this prefix counts its hits after the traffic does.</summary>
    public static Task UntilHitsAsync(this GatewayEnvironment env, string prefix, int hits) => Deadline.Until(
        async () => (await env.JsonAsync($"entries?prefix={Uri.EscapeDataString(prefix)}")).GetProperty("entries") is var entries && entries.GetArrayLength() > 0 && entries[0].Number("hits") == hits,
        $"{hits} hits of {prefix}");

    public static long Number(this JsonElement element, string name) => element.GetProperty(name).GetInt64();

    public static string? Text(this JsonElement element, string name) => element.GetProperty(name).GetString();
}
