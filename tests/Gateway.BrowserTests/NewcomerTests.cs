using System.Text.Json.Nodes;
using CacheGateway.Operations.Alerts;

namespace CacheGateway.BrowserTests;

/// <summary>docs/one-route.md, as somebody does it who sees the gateway for the first time.</summary>
public sealed class NewcomerTests(Browser browser)
{
    /// <summary>"respect" takes the origin's own lifetimes alone, and the origin names none.</summary>
    private const string Policies = """
        {
          "policies": {
            "categories": { "match": { "path": "/shop/api/categories/" }, "ttl": "5m" },
            "products": {
              "match": { "path": "/shop/api/products/" },
              "ttl": "5m",
              "origin": "respect"
            }
          }
        }
        """;

    private static readonly string[] Targets = ["/shop/api/categories/", "/shop/api/products/?page=1", "/shop/api/products/?page=2"];

    [Fact]
    public async Task MisconfiguredRoute_IsFoundByItsAlert_UnderstoodByExplain_AndCuredByTheChangeItProposes()
    {
        var file = Path.GetTempFileName();
        await File.WriteAllTextAsync(file, Policies);
        await using var site = await Site.StartAsync(settings => settings with { PoliciesFile = file, Alerts = Soon });
        await using var traffic = new SteadyTraffic(site, Targets);
        await using var window = await browser.OpenAsync(site.Admin);
        window.Page.SetDefaultTimeout(60_000);

        // The alert names the route, and leads on.
        await window.GoAsync("/");
        var alert = window.Page.Locator("#alerts .callout");
        await alert.WaitForAsync();
        Assert.Equal(1, await alert.CountAsync());
        Assert.Contains("products", await alert.InnerTextAsync(), StringComparison.Ordinal);
        await alert.GetByRole(AriaRole.Link, new LocatorGetByRoleOptions { Name = "explain" }).ClickAsync();

        // Explain says why, and what to write where.
        await window.ReachesAsync("/explain?url=");
        Assert.Contains("response-no-freshness", await window.Page.Locator(".callout").First.InnerTextAsync(), StringComparison.Ordinal);
        Assert.Contains("policy products, line 7", await window.Page.Locator("section[aria-labelledby=change-title]").InnerTextAsync(), StringComparison.Ordinal);
        var change = await window.Page.InnerTextAsync("pre.code");
        Assert.Equal("""{ "origin": "fallback" }""", change);

        // It is written into the file, and taken.
        await File.WriteAllTextAsync(file, With(Policies, "products", change));
        await window.GoAsync("/feed");
        await window.Page.GetByText("Policies were read again: 2").WaitForAsync();

        // The page verifies it: answered from the cache, the alert ends, the origin has rest.
        await Eventually.HoldsAsync(
            async () =>
            {
                await window.GoAsync("/explain?url=" + Uri.EscapeDataString(Targets[1]));
                return (await window.Page.Locator(".callout").First.InnerTextAsync()).Contains("Answered from the cache: fresh", StringComparison.Ordinal);
            },
            "explain says that it is answered from the cache");
        await window.GoAsync("/feed");
        await window.Page.GetByText("alert ended").WaitForAsync();
        await window.GoAsync("/");
        Assert.Equal(0, await window.Page.Locator("#alerts .callout").CountAsync());
        var before = await site.OriginRequestsAsync();
        await site.DriveAsync(Targets, 5);
        Assert.Equal(before, await site.OriginRequestsAsync());
        Assert.Empty(window.Complaints);
        File.Delete(file);
    }

    /// <summary>The rules as they are, over less time; the origin is as quick as the cache here, so how much faster that is says nothing.</summary>
    private static AlertSettings Soon => new() { Window = TimeSpan.FromSeconds(10), Looks = 1, MinRequests = 20, ImprovementPercent = 0, CachedP99 = TimeSpan.Zero };

    private static string With(string policies, string name, string change)
    {
        var file = JsonNode.Parse(policies)!;
        var policy = file["policies"]![name]!.AsObject();
        foreach (var (member, value) in JsonNode.Parse(change)!.AsObject())
        {
            policy[member] = value!.DeepClone();
        }

        return file.ToJsonString();
    }
}
