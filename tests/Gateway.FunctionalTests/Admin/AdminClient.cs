using System.Text.Json;

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

    public static long Number(this JsonElement element, string name) => element.GetProperty(name).GetInt64();

    public static string? Text(this JsonElement element, string name) => element.GetProperty(name).GetString();
}
