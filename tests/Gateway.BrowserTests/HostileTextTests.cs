namespace CacheGateway.BrowserTests;

/// <summary>Text of strangers (addresses, names) stays text on every page that shows it.</summary>
public sealed class HostileTextTests(Browser browser)
{
    private const string Markup = "<img src=x onerror=alert(1)>";

    [Fact]
    public async Task Markup_InStoredAddresses_StaysText()
    {
        // The transparent cache stores whatever address the origin answers.
        await using var site = await Site.StartAsync(settings => settings with { PoliciesFile = null, DefaultTtl = TimeSpan.FromMinutes(5) });
        using (await site.GetAsync("/shop/api/categories/?<script>alert(1)</script>=\"><img%20src=x%20onerror=alert(1)>", mustSucceed: false))
        using (await site.GetAsync("/clients/<svg/onload=alert(1)>?a='onmouseover=alert(1)", mustSucceed: false))
        {
            await site.CountedAsync();
        }

        await using var window = await browser.OpenAsync(site.Admin);
        foreach (var path in (string[])["/top", "/top?by=misses", "/entries", "/"])
        {
            await window.GoAsync(path);
            Assert.Equal(0, await window.Page.Locator("main img, main script, main [onload], main [onerror], main [onmouseover]").CountAsync());
        }

        await window.GoAsync("/top");
        Assert.Contains("<script>", await window.Page.InnerTextAsync("main"), StringComparison.Ordinal);
        Assert.Empty(window.Complaints);
    }

    [Theory]
    [InlineData("/tags?tag=")]
    [InlineData("/entries?prefix=")]
    [InlineData("/entries?policy=")]
    [InlineData("/purge?kind=tag&name=")]
    [InlineData("/purge?kind=policy&name=")]
    [InlineData("/purge/")]
    [InlineData("/policies/")]
    public async Task Markup_InTheAddressOfAPage_StaysText(string path)
    {
        await using var site = await Site.StartAsync();
        await using var window = await browser.OpenAsync(site.Admin);
        await window.GoAsync(path + Uri.EscapeDataString("\"'>" + Markup));

        Assert.Equal(0, await window.Page.Locator("main img, main script, main [onerror]").CountAsync());
        Assert.Empty(window.Complaints);
    }
}
