using System.Text.Json;

namespace CacheGateway.FunctionalTests.Admin;

/// <summary>What happens, told as server-sent events to whoever listens.</summary>
public sealed class LiveEventTests
{
    private const string Fresh = "Cache-Control: max-age=6000";

    [Fact]
    public async Task LiveEvents_TellOfAnInvalidation()
    {
        await using var env = await GatewayEnvironment.StartAsync();
        await using var client = await ListenAsync(env);

        await env.InvalidateAsync("products");

        Assert.Equal("products", (await EventAsync(client, "invalidation")).GetProperty("tags")[0].GetString());
    }

    [Fact]
    public async Task LiveEvents_TellOfTheBeginningAndTheEndOfAWarmUp()
    {
        await using var env = await GatewayEnvironment.StartAsync();
        env.Origin.Get("/a", Reply.Ok("x", Fresh));
        env.Origin.Get("/b", Reply.Of(503, "x"));
        await using var client = await ListenAsync(env);

        var job = await env.PostJsonAsync("warm-cache", new { urls = (string[])["/a", "/b"] });

        var began = await EventAsync(client, "warming");
        Assert.Equal((job.Text("id"), "running", "api", 2), (began.Text("id"), began.Text("state"), began.Text("cause"), began.Number("total")));
        var ended = await EventAsync(client, "warming");
        Assert.Equal((job.Text("id"), "done", 2, 1, 1), (ended.Text("id"), ended.Text("state"), ended.Number("done"), ended.Number("stored"), ended.Number("failed")));
    }

    [Fact]
    public async Task LiveEvents_TellOfTagsThatAreMeantTogether()
    {
        await using var env = await GatewayEnvironment.StartAsync();
        await using var client = await ListenAsync(env);

        using var answer = await env.InvalidateAsync(new { tags = (string[])["products", "sale"], match = "all" });

        var told = await EventAsync(client, "invalidation");
        Assert.Equal(["products", "sale"], told.GetProperty("every").EnumerateArray().Select(tag => tag.GetString()));
        Assert.Equal((0, 0), (told.GetProperty("tags").GetArrayLength(), told.Number("others")));
    }

    [Fact]
    public async Task LiveEvents_AreForSoManyListenersAndNoMore()
    {
        await using var env = await GatewayEnvironment.StartAsync();
        var clients = new List<RawClient>();
        for (var i = 0; i < 33; i++)
        {
            var client = await RawClient.ConnectAsync(env.Addresses[^1]);
            clients.Add(client);
            await client.SendAsync("GET", "/api/v2/cache/events", []);
            var (status, _) = await client.ReadHeadAsync();
            Assert.Contains(i < 32 ? "200" : "503", status);
        }

        foreach (var client in clients)
        {
            await client.DisposeAsync();
        }
    }

    private static async Task<RawClient> ListenAsync(GatewayEnvironment env)
    {
        var client = await RawClient.ConnectAsync(env.Addresses[^1]);
        await client.SendAsync("GET", "/api/v2/cache/events", []);
        var (_, headers) = await client.ReadHeadAsync();
        Assert.Contains(headers, line => line.StartsWith("Content-Type: text/event-stream", StringComparison.Ordinal));
        return client;
    }

    /// <summary>The data of the next event of a kind.</summary>
    private static async Task<JsonElement> EventAsync(RawClient client, string kind)
    {
        while (true)
        {
            var line = await Deadline.Within(client.Reader.ReadLineAsync(), $"an event of {kind}") ?? throw new EndOfStreamException();
            if (line.StartsWith("data: ", StringComparison.Ordinal)
                && JsonDocument.Parse(line["data: ".Length..]).RootElement is var happened && happened.Text("kind") == kind)
            {
                return happened.GetProperty("data");
            }
        }
    }
}
