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
        Assert.Empty(window.Complaints);
    }
}
