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
        // The keys are noted after the requests are counted.
        await Eventually.HoldsAsync(
            async () =>
            {
                await window.GoAsync("/top");
                var text = await window.Page.InnerTextAsync("main");
                return text.Contains("<script>", StringComparison.Ordinal) && text.Contains("<svg", StringComparison.Ordinal);
            },
            "both addresses among the top ones");
        foreach (var path in (string[])["/top", "/top?by=misses", "/entries", "/"])
        {
            await window.GoAsync(path);
            Assert.Equal(0, await window.Page.Locator("main img, main script, main [onload], main [onerror], main [onmouseover]").CountAsync());
        }

        Assert.Empty(window.Complaints);
    }

    [Fact]
    public async Task Markup_InTheAddressOfAPage_StaysText()
    {
        await using var site = await Site.StartAsync();
        await using var window = await browser.OpenAsync(site.Admin);
        foreach (var path in (string[])
            ["/tags?tag=", "/entries?prefix=", "/entries?policy=", "/purge?kind=tag&name=", "/purge?kind=policy&name=", "/purge/", "/policies/", "/explain?url=/", "/audit?before="])
        {
            await window.GoAsync(path + Uri.EscapeDataString("\"'>" + Markup));

            Assert.True(await window.Page.Locator("main img, main script, main [onerror]").CountAsync() == 0, path);
            Assert.Empty(window.Complaints);
        }
    }
}
