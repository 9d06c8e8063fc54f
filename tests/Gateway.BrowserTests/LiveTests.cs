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
}
