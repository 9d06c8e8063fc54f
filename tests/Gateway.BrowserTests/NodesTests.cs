using CacheGateway.FunctionalTests.Redis;
using CacheGateway.Storage.Redis;

namespace CacheGateway.BrowserTests;

/// <summary>Two gateways on one Redis, seen from either.</summary>
public sealed class NodesTests(Browser browser)
{
    [Fact]
    public async Task TwoNodes_AreShownByBoth_WithWhatBothApplied_AndNoLongerWhenOneHasEnded()
    {
        await using var redis = await RedisServer.StartAsync();
        await using var one = await StartAsync(redis, "node-a");
        await using var two = await StartAsync(redis, "node-b");
        await using var window = await browser.OpenAsync(one.Admin);
        await using var other = await browser.OpenAsync(two.Admin);
        await UntilLevelAsync(window);
        await UntilLevelAsync(other);
        Assert.Contains("this one", await Row(window, "node-a").InnerTextAsync(), StringComparison.Ordinal);
        Assert.Contains("this one", await Row(other, "node-b").InnerTextAsync(), StringComparison.Ordinal);

        await window.GoAsync("/purge?kind=tag&name=shop-products");
        await window.Page.GetByLabel("Reason, for the audit").FillAsync("seen by both");
        await window.Page.GetByLabel("Yes, purge").CheckAsync();
        await window.Page.GetByRole(AriaRole.Button, new PageGetByRoleOptions { Name = "Purge", Exact = true }).ClickAsync();
        await window.Page.GetByText("Purged on 2 nodes: tag shop-products").WaitForAsync();
        var epoch = await window.Page.InnerTextAsync("#epoch");

        await Eventually.HoldsAsync(
            async () =>
            {
                await other.GoAsync("/nodes");
                return await EpochAsync(other, "node-a") == epoch && await EpochAsync(other, "node-b") == epoch;
            },
            "both nodes show the epoch of the purge");
        await other.GoAsync("/audit");
        var entry = await other.Page.Locator("section[aria-labelledby=audit-title] tbody tr").First.InnerTextAsync();
        Assert.Contains("tag shop-products", entry, StringComparison.Ordinal);
        Assert.Contains("seen by both", entry, StringComparison.Ordinal);
        Assert.Contains("node-a", entry, StringComparison.Ordinal);
        Assert.Empty(window.Complaints);
        Assert.Empty(other.Complaints);

        await two.DisposeAsync();
        await Eventually.HoldsAsync(
            async () =>
            {
                await window.GoAsync("/nodes");
                return await Row(window, "node-b").CountAsync() == 0 && await Row(window, "node-a").CountAsync() == 1;
            },
            "the node that ended is gone from the page");
    }

    /// <summary>What was heard of others before is not called live.</summary>
    [Fact]
    public async Task OtherNodes_WithoutRedis_AreNotHeard()
    {
        await using var redis = await RedisServer.StartAsync();
        await using var one = await StartAsync(redis, "node-a", TimeSpan.FromSeconds(1));
        await using var two = await StartAsync(redis, "node-b", TimeSpan.FromSeconds(1));
        await using var window = await browser.OpenAsync(one.Admin);
        await UntilLevelAsync(window);

        await redis.KillAsync();

        await Eventually.HoldsAsync(
            async () =>
            {
                await window.GoAsync("/nodes");
                return await Row(window, "node-a").Locator(".badge.bad", new LocatorLocatorOptions { HasText = "blind" }).CountAsync() == 1;
            },
            "a node that is blind");
        Assert.Equal("not heard", await Row(window, "node-b").Locator(".badge.warn").InnerTextAsync());
        Assert.Matches("2\u00A0nodes, as they were .* ago", await window.Page.InnerTextAsync("section[aria-labelledby=all-title]"));
        Assert.Empty(window.Complaints);
    }

    private static Task<Site> StartAsync(RedisServer redis, string name, TimeSpan? maxBlind = null) =>
        Site.StartAsync(settings => settings with { Node = name, Redis = new RedisSettings { EndPoints = [redis.Address] }, MaxBlind = maxBlind ?? settings.MaxBlind });

    private static Task UntilLevelAsync(Window window) => Eventually.HoldsAsync(
        async () =>
        {
            await window.GoAsync("/nodes");
            return await window.Page.Locator("section[aria-labelledby=all-title] tbody .badge.good", new PageLocatorOptions { HasText = "level" }).CountAsync() == 2;
        },
        "two nodes that are level");

    private static ILocator Row(Window window, string name) =>
        window.Page.Locator("section[aria-labelledby=all-title] tbody tr", new PageLocatorOptions { HasText = name });

    private static Task<string> EpochAsync(Window window, string name) => Row(window, name).Locator("td[data-label=\"Epoch applied\"]").InnerTextAsync();
}
