namespace CacheGateway.BrowserTests;

/// <summary>The feed tells what happened, to whoever opens it afterwards too.</summary>
public sealed class FeedTests(Browser browser)
{
    [Fact]
    public async Task Feed_AfterAPurge_TellsOfIt()
    {
        await using var site = await Site.StartAsync();
        using var request = new HttpRequestMessage(HttpMethod.Post, "/api/v2/cache/invalidate")
        {
            Content = new StringContent("""{"tags":["shop-products"],"reason":"<b>import</b>"}""", System.Text.Encoding.UTF8, "application/json"),
        };
        using var response = await site.AdminAsync(request);
        response.EnsureSuccessStatusCode();
        await using var window = await browser.OpenAsync(site.Admin);
        await window.GoAsync("/feed");

        await window.Page.GetByText("shop-products").WaitForAsync();
        Assert.Contains("(<b>import</b>)", await window.Page.InnerTextAsync(".feed"), StringComparison.Ordinal);
        await window.GoAsync("/audit");
        var entry = await window.Page.Locator("section[aria-labelledby=audit-title] tbody tr").InnerTextAsync();
        Assert.Contains("tag shop-products", entry, StringComparison.Ordinal);
        Assert.Contains("<b>import</b>", entry, StringComparison.Ordinal);
        await window.Page.SetViewportSizeAsync(1400, 900);
        var time = await window.Page.Locator("section[aria-labelledby=audit-title] tbody time").BoundingBoxAsync();
        Assert.InRange(time!.Height, 1, 24);
        Assert.Empty(window.Complaints);
    }

    [Fact]
    public async Task Feed_OfAWarmUp_TellsOfItsBeginningAndItsEnd()
    {
        await using var site = await Site.StartAsync();
        using var request = new HttpRequestMessage(HttpMethod.Post, "/api/v2/cache/warm-cache")
        {
            Content = new StringContent("""{"urls":["/shop/api/products/?page=1","/shop/api/products/?page=2"]}""", System.Text.Encoding.UTF8, "application/json"),
        };
        using var response = await site.AdminAsync(request);
        response.EnsureSuccessStatusCode();
        await using var window = await browser.OpenAsync(site.Admin);
        await window.GoAsync("/feed");

        await window.Page.GetByText("The warm-up of 2 targets, caused by api, is done: 2 stored, 0 fresh before, 0 not storable, 0 failed.").WaitForAsync();
        Assert.True(await window.Page.GetByText("A warm-up of 2 targets began, caused by api.").IsVisibleAsync());
        Assert.Empty(window.Complaints);
    }
}
