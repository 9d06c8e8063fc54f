using System.Text.Json;

namespace CacheGateway.BrowserTests;

/// <summary>Every figure is the one that the clients, the origin and the API count.</summary>
public sealed class NumberTests(Browser browser, BusySite busy, BusyWindow shared) : IClassFixture<BusyWindow>
{
    private static int Requests => BusySite.Targets.Length * BusySite.Times;

    [Fact]
    public async Task Overview_ShowsWhatClientsSentAndTheOriginSaw()
    {
        var origin = await busy.Site.OriginRequestsAsync();
        var window = await shared.AnewAsync();
        await window.GoAsync("/");

        Assert.Equal(Requests, await window.NumberAsync("#requests"));
        Assert.Equal(BusySite.Targets.Length, origin);
        Assert.Equal(100.0 * (Requests - origin) / Requests, await window.NumberAsync("#hit-ratio"), 0.1);
    }

    [Fact]
    public async Task Overview_WithoutScript_ShowsTheSame()
    {
        await using var window = await browser.OpenAsync(busy.Site.Admin, options => options.JavaScriptEnabled = false);
        await window.GoAsync("/");

        Assert.Equal(Requests, await window.NumberAsync("#requests"));
        Assert.True(await window.Page.GetByRole(AriaRole.Link, new PageGetByRoleOptions { Name = "Reload" }).IsVisibleAsync());
        Assert.Equal(0, await window.Page.Locator("button.live:visible").CountAsync());
    }

    [Fact]
    public async Task Policies_ShowWhatTheApiSays()
    {
        var metrics = await busy.Site.ApiAsync("/api/v2/cache/metrics");
        var window = await shared.AnewAsync();
        await window.GoAsync("/policies");

        foreach (var policy in metrics.GetProperty("policies").EnumerateArray())
        {
            var row = window.Page.Locator("tbody tr", new PageLocatorOptions { Has = window.Page.Locator($"th a:text-is(\"{policy.GetProperty("policy").GetString()}\")") });
            Assert.Equal(Count(policy, "requests"), await CellAsync(row, "Requests"));
            Assert.Equal(Count(policy, "originRequests"), await CellAsync(row, "Origin asked"));
            Assert.Equal(100 * policy.GetProperty("numbers").GetProperty("hitRatio").GetDouble(), await CellAsync(row, "Hit ratio"), 0.1);
        }
    }

    [Fact]
    public async Task Policy_ShowsItsNumbersItsReasonsAndItsJson()
    {
        var window = await shared.AnewAsync();
        await window.GoAsync($"/policies/{BusySite.Policy}");

        // Three of its addresses were asked for, each answered by the origin once.
        Assert.Equal(3 * BusySite.Times, await window.NumberAsync("#requests"));
        Assert.Equal(3, await window.NumberAsync("#origin-requests"));
        Assert.Equal("miss Nothing was stored under this key. 3 100 %", Words(await window.Page.Locator("section[aria-labelledby=misses-title] tbody tr").InnerTextAsync()));
        using var json = JsonDocument.Parse(await window.Page.InnerTextAsync("pre.code"));
        Assert.Equal("5m", json.RootElement.GetProperty("ttl").GetString());
    }

    [Fact]
    public async Task Charts_SayTheirFiguresAsTables()
    {
        var window = await shared.AnewAsync();
        var table = window.Page.Locator("#answers-chart-data");
        await Eventually.HoldsAsync(
            async () =>
            {
                // A point is drawn when its five seconds are over.
                await window.GoAsync("/");
                await table.Locator("summary").ClickAsync();
                return await table.GetByRole(AriaRole.Columnheader, new LocatorGetByRoleOptions { Name = "memory" }).IsVisibleAsync();
            },
            "the table has a column for what memory answered");
    }

    [Fact]
    public async Task HeatMap_SumsToTheRequests()
    {
        var window = await shared.AnewAsync();
        double sum = 0;
        await Eventually.HoldsAsync(
            async () =>
            {
                // A square is drawn when its five seconds are over.
                await window.GoAsync("/heatmap?range=5m");
                var cells = await window.Page.Locator("section[aria-labelledby=policies-title] table.heat td.n").AllInnerTextsAsync();
                sum = cells.Sum(text => double.Parse(text.Replace(",", "", StringComparison.Ordinal), System.Globalization.CultureInfo.InvariantCulture));
                return sum >= Requests;
            },
            "the heat map shows every request");

        Assert.Equal(Requests, sum);
    }

    [Fact]
    public async Task Entries_ShowWhatIsStored()
    {
        var window = await shared.AnewAsync();
        await window.GoAsync($"/entries?policy={BusySite.Policy}");

        Assert.Equal(3, await window.Page.Locator("section[aria-labelledby=entries-title] tbody tr").CountAsync());
        Assert.Equal("/shop/api/products/?page=…", await window.Page.Locator(".url").First.InnerTextAsync());
    }

    [Fact]
    public async Task Top_ShowsTheKeysAndHidesTheirValues()
    {
        var window = await shared.AnewAsync();
        await window.GoAsync("/top");

        Assert.Equal(BusySite.Targets.Length, await window.Page.Locator("tbody tr").CountAsync());
        Assert.DoesNotContain("page=1", await window.Page.ContentAsync(), StringComparison.Ordinal);
    }

    private static long Count(JsonElement policy, string name) => policy.GetProperty("numbers").GetProperty(name).GetInt64();

    private static async Task<double> CellAsync(ILocator row, string label) =>
        double.Parse(string.Concat((await row.Locator($"td[data-label=\"{label}\"]").InnerTextAsync()).Where(c => char.IsAsciiDigit(c) || c == '.')), System.Globalization.CultureInfo.InvariantCulture);

    private static string Words(string text) => string.Join(' ', text.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries));
}
