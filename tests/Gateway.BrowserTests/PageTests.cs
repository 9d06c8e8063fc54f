namespace CacheGateway.BrowserTests;

/// <summary>What holds for every page: sound, accessible, of one site, and fit for a telephone.</summary>
public sealed class PageTests(Browser browser, BusySite busy) : IClassFixture<BusySite>
{
    public static TheoryData<string> Pages =>
    [
        "/", "/?range=5m", "/policies", "/policies/shop-products", "/policies/nobody", "/heatmap", "/heatmap?show=ratio", "/top", "/top?by=bytes", "/entries", "/entries?tag=nothing",
        "/tags", "/tags?tag=shop-products", "/purge", "/purge?kind=tag&name=shop-products", "/purge?kind=all", "/purge/unknown", "/nodes",
    ];

    [Theory]
    [MemberData(nameof(Pages))]
    public async Task Page_IsSound(string path)
    {
        await using var window = await browser.OpenAsync(busy.Site.Admin);
        var response = await window.GoAsync(path);

        var policy = await response.HeaderValueAsync("content-security-policy");
        Assert.Contains("default-src 'none'", policy, StringComparison.Ordinal);
        Assert.DoesNotContain("unsafe", policy, StringComparison.Ordinal);
        Assert.Empty(await PageAudit.FindAsync(window.Page));
        Assert.Empty(await PageAudit.FindPaleTextAsync(window.Page));
        await window.Page.EmulateMediaAsync(new PageEmulateMediaOptions { ColorScheme = ColorScheme.Dark });
        Assert.Empty(await PageAudit.FindPaleTextAsync(window.Page));
        Assert.Empty(await PageAudit.FindUnreachableAsync(window.Page));
        Assert.Empty(window.Complaints);
    }

    [Theory]
    [MemberData(nameof(Pages))]
    public async Task Page_OnATelephone_DoesNotScrollSideways(string path)
    {
        await using var window = await browser.OpenAsync(busy.Site.Admin, options => options.ViewportSize = new ViewportSize { Width = 360, Height = 740 });
        await window.GoAsync(path);

        Assert.Equal(0, await window.Page.EvaluateAsync<int>("() => document.documentElement.scrollWidth - document.documentElement.clientWidth"));
        Assert.Empty(window.Complaints);
    }
}
