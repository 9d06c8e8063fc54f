namespace CacheGateway.BrowserTests;

/// <summary>An open page follows what happens, until it is told not to.</summary>
public sealed class LiveTests(Browser browser)
{
    [Fact]
    public async Task OpenPage_NewRequests_AppearWithoutAReload()
    {
        await using var site = await Site.StartAsync();
        await using var window = await browser.OpenAsync(site.Admin);
        await window.GoAsync("/");
        Assert.True(await window.Page.GetByText("No requests since the start").IsVisibleAsync());

        await site.DriveAsync(BusySite.Targets, 2);
        await window.Page.Locator("#requests").WaitForAsync();
        await Eventually.HoldsAsync(async () => await window.NumberAsync("#requests") == site.Sent, "the page shows the requests");

        Assert.Empty(window.Complaints);
    }

    [Fact]
    public async Task OpenPage_Paused_StaysAsItIs()
    {
        await using var site = await Site.StartAsync();
        await site.DriveAsync(BusySite.Targets, 1);
        await site.CountedAsync();
        await using var window = await browser.OpenAsync(site.Admin);
        await window.GoAsync("/");
        var live = window.Page.Locator("button.live");
        await live.ClickAsync();
        Assert.Equal("Paused", await live.InnerTextAsync());
        Assert.Equal("false", await live.GetAttributeAsync("aria-pressed"));
        var before = await window.NumberAsync("#requests");
        await site.DriveAsync(BusySite.Targets, 1);
        await site.CountedAsync();

        // What a running page would have shown by now: the next one to be opened does.
        await using var other = await browser.OpenAsync(site.Admin);
        await other.GoAsync("/");
        await Eventually.HoldsAsync(async () => await other.NumberAsync("#requests") == site.Sent, "another window shows the requests");
        Assert.Equal(before, await window.NumberAsync("#requests"));

        await live.ClickAsync();
        await Eventually.HoldsAsync(async () => await window.NumberAsync("#requests") == site.Sent, "the page goes on");
    }

    /// <summary>As by a click with the middle button: nobody looks at it yet, and a browser has few connections to one host.</summary>
    [Fact]
    public async Task PageOpenedInTheBackground_HasNoStreamUntilItIsSeen_AndOneThen()
    {
        await using var site = await Site.StartAsync();
        await using var window = await browser.OpenAsync(site.Admin);
        await window.Page.AddInitScriptAsync("""
            window.away = true;
            window.streams = [];
            Object.defineProperty(document, 'hidden', { get: () => window.away });
            window.EventSource = class extends EventSource { constructor(...given) { super(...given); window.streams.push(this); } };
            """);
        await window.GoAsync("/");
        await window.Page.WaitForLoadStateAsync(LoadState.Load);
        Task<int> Open() => window.Page.EvaluateAsync<int>("() => window.streams.filter(one => one.readyState !== EventSource.CLOSED).length");
        Assert.Equal(0, await Open());

        await window.Page.EvaluateAsync("() => { window.away = false; document.dispatchEvent(new Event('visibilitychange')); }");
        Assert.Equal(1, await Open());
        await window.Page.EvaluateAsync("() => document.dispatchEvent(new Event('visibilitychange'))");
        Assert.Equal(1, await Open());

        await window.Page.Locator("button.live").ClickAsync();
        Assert.Equal(0, await Open());
    }

    [Fact]
    public async Task OpenPage_PartInUse_IsLeftAlone()
    {
        await using var site = await Site.StartAsync();
        await site.DriveAsync(BusySite.Targets, 1);
        await site.CountedAsync();
        await using var window = await browser.OpenAsync(site.Admin);
        await window.GoAsync("/");
        var link = window.Page.Locator("#figures tbody a").First;
        await link.FocusAsync();
        await site.DriveAsync(BusySite.Targets, 1);
        await using var other = await browser.OpenAsync(site.Admin);
        await other.GoAsync("/");
        await Eventually.HoldsAsync(async () => await other.NumberAsync("#requests") == site.Sent, "another window shows the requests");

        Assert.True(await link.EvaluateAsync<bool>("e => e === document.activeElement"));
    }

    /// <summary>What came while somebody was at it is shown when they have done, not when the next thing happens.</summary>
    [Fact]
    public async Task OpenPage_PartNoLongerInUse_ShowsWhatCameMeanwhile()
    {
        await using var site = await Site.StartAsync();
        await using var window = await browser.OpenAsync(site.Admin);
        await window.Page.AddInitScriptAsync("""
            window.pages = [];
            window.EventSource = class extends EventSource { constructor(...given) { super(...given); this.addEventListener('page', event => window.pages.push(event.data)); } };
            """);
        await window.GoAsync("/feed");
        Task<bool> Came(string text) => window.Page.EvaluateAsync<bool>("text => window.pages.some(page => page.includes(text))", text);
        await Eventually.HoldsAsync(() => Came("Nothing has happened yet"), "the page comes");
        await window.Page.EvaluateAsync("() => getSelection().selectAllChildren(document.getElementById('feed'))");
        using var request = new HttpRequestMessage(HttpMethod.Post, "/api/v2/cache/invalidate")
        {
            Content = new StringContent("""{"tags":["shop-products"]}""", System.Text.Encoding.UTF8, "application/json"),
        };
        using var response = await site.AdminAsync(request);
        response.EnsureSuccessStatusCode();
        await Eventually.HoldsAsync(() => Came("shop-products"), "the page with the event comes");
        Assert.Equal(0, await window.Page.GetByText("shop-products").CountAsync());

        await window.Page.EvaluateAsync("() => getSelection().removeAllRanges()");

        await window.Page.GetByText("shop-products").WaitForAsync();
        Assert.Empty(window.Complaints);
    }
}
