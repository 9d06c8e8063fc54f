namespace CacheGateway.BrowserTests;

/// <summary>A warm-up started from the page fetches what it says, shows how far it is, and leaves warm keys.</summary>
public sealed class WarmTests(Browser browser)
{
    [Fact]
    public async Task WarmUp_OfUrls_ShowsItsProgressAndLeavesThemStored()
    {
        await using var site = await Site.StartAsync();
        await using var window = await browser.OpenAsync(site.Admin);
        await window.GoAsync("/warm");
        await window.Page.GetByLabel("URLs or paths, one a line").FillAsync("/shop/api/products/?page=1\n/shop/api/products/?page=2");
        await window.Page.GetByRole(AriaRole.Button, new PageGetByRoleOptions { Name = "Start" }).ClickAsync();

        await window.Page.Locator("#jobs .badge.good", new PageLocatorOptions { HasText = "done" }).WaitForAsync();
        Assert.Equal("2", await window.Page.InnerTextAsync("#jobs td[data-label=Stored]"));
        Assert.Equal(2, await site.OriginRequestsAsync());
        await site.DriveAsync(["/shop/api/products/?page=1", "/shop/api/products/?page=2"], 1);
        Assert.Equal(2, await site.OriginRequestsAsync());
        Assert.Empty(window.Complaints);
    }

    [Fact]
    public async Task WarmUp_OfAnotherSite_IsRefusedInWords()
    {
        await using var site = await Site.StartAsync();
        await using var window = await browser.OpenAsync(site.Admin);
        await window.GoAsync("/warm");
        await window.Page.GetByLabel("URLs or paths, one a line").FillAsync("http://169.254.169.254/latest");
        await window.Page.GetByRole(AriaRole.Button, new PageGetByRoleOptions { Name = "Start" }).ClickAsync();

        Assert.Contains("169.254.169.254", await window.Page.GetByRole(AriaRole.Alert).InnerTextAsync(), StringComparison.Ordinal);
        Assert.Equal(0, await site.OriginRequestsAsync());
    }
}
