using System.Text.RegularExpressions;

namespace CacheGateway.FunctionalTests.Invalidation;

/// <summary>What a node shows of how far it and the others are: nothing that cannot be known.</summary>
public sealed partial class NodesPageTests
{
    [Fact]
    public async Task NodeThatStandsStill_IsCatchingUp_AndIsLevelAgain()
    {
        await using var nodes = await Nodes.StartAsync(1);
        await using var way = FaultProxy.Before(nodes.Redis.Port);
        await nodes.AddAsync(way.Address);
        await Deadline.Until(async () => await StatesAsync(nodes.A) is ["level", "level"], "both level");

        way.ToServer.Hold();
        var (_, receipt) = await nodes.RaiseAsync(new { tags = (string[])["t"], wait = "local" });
        var page = await PageAsync(nodes.A);

        Assert.Equal(["level", "catching up"], States(page));
        Assert.Contains($"{receipt.GetProperty("epoch")}", page, StringComparison.Ordinal);
        Assert.DoesNotMatch("[0-9]\\s+epochs", page);
        way.ToServer.Release();
        await Deadline.Until(async () => await StatesAsync(nodes.A) is ["level", "level"], "both level again");
    }

    [Fact]
    public async Task BusLag_IsOnThePageAndAMetric_AndGrowsWhileRedisIsSilent()
    {
        await using var nodes = await Nodes.StartAsync(1);
        await Deadline.Until(
            async () => await LagAsync(nodes.A) < 1 && Regex.IsMatch(Lag().Match(await PageAsync(nodes.A)).Groups[1].Value, "^[0-9.]+\\s(µs|ms)$"), "a small lag");

        nodes.Redis.Pause();
        await Deadline.Until(async () => await LagAsync(nodes.A) > 1.5, "a lag that grows");
        Assert.Matches("^[0-9.]+\\ss$", Lag().Match(await PageAsync(nodes.A)).Groups[1].Value);
        nodes.Redis.Resume();

        await Deadline.Until(async () => await LagAsync(nodes.A) < 1, "a small lag again");
    }

    [Fact]
    public async Task BusLag_IsNotShownWithoutRedis()
    {
        await using var env = await GatewayEnvironment.StartAsync();
        Assert.DoesNotMatch(Lag(), await PageAsync(env));
        Assert.Equal(["level"], await StatesAsync(env));
    }

    private static Task<double> LagAsync(GatewayEnvironment node) => node.MetricAsync("cachegateway_bus_lag_seconds");

    private static async Task<string> PageAsync(GatewayEnvironment node)
    {
        using var answer = await node.AdminAsync("/nodes");
        return System.Net.WebUtility.HtmlDecode(await answer.Content.ReadAsStringAsync());
    }

    private static async Task<string[]> StatesAsync(GatewayEnvironment node) => States(await PageAsync(node));

    private static string[] States(string page) => [.. State().Matches(page).Select(found => found.Groups[1].Value)];

    [GeneratedRegex("data-label=\"State\">\\s*<span class=\"badge \\w+\">([^<]+)<")]
    private static partial Regex State();

    [GeneratedRegex("id=\"bus-lag\"[^>]*>([^<]+)<")]
    private static partial Regex Lag();
}
