namespace CacheGateway.BrowserTests;

/// <summary>What holds for every page: sound, accessible, of one site, and fit for a telephone.</summary>
public sealed class PageTests(BusyWindow busy) : IClassFixture<BusyWindow>
{
    public static TheoryData<string> Pages =>
    [
        "/", "/policies", "/policies/shop-products", "/policies/nobody", "/heatmap", "/top", "/feed", "/explain", "/explain?url=%2Fshop%2Fapi%2Fproducts%2F%3Fpage%3D1",
        "/explain?url=%2Fnowhere", "/entries", "/entries?tag=nothing", "/tags?tag=shop-products", "/purge?kind=tag&name=shop-products", "/purge/unknown", "/warm", "/nodes", "/audit", "/audit?before=1",
    ];

    [Theory]
    [MemberData(nameof(Pages))]
    public async Task Page_IsSound(string path)
    {
        var window = await busy.AnewAsync();
        var response = await window.GoAsync(path);

        var policy = await response.HeaderValueAsync("content-security-policy");
        Assert.Contains("default-src 'none'", policy, StringComparison.Ordinal);
        Assert.DoesNotContain("unsafe", policy, StringComparison.Ordinal);
        Assert.Empty(await PageAudit.FindAsync(window.Page));
        Assert.Empty(await PageAudit.FindPaleTextAsync(window.Page));
        await window.Page.EmulateMediaAsync(new PageEmulateMediaOptions { ColorScheme = ColorScheme.Dark });
        Assert.Empty(await PageAudit.FindPaleTextAsync(window.Page));
        Assert.Empty(await PageAudit.FindUnreachableAsync(window.Page));
        await window.Page.SetViewportSizeAsync(360, 740);
        Assert.True(await window.Page.EvaluateAsync<bool>("() => document.documentElement.scrollWidth <= innerWidth"), "It scrolls sideways on a telephone.");
        Assert.Empty(window.Complaints);
    }

    [Fact]
    public async Task HeatMap_OnATelephone_KeepsItsTimesApart()
    {
        var window = await busy.AnewAsync();
        await window.Page.SetViewportSizeAsync(360, 740);
        await window.GoAsync("/heatmap?range=5m");

        await window.Page.Locator(".heat thead .x > span").Nth(1).WaitForAsync();
        // In one look: the page writes this part anew while it is open.
        var boxes = await window.Page.EvaluateAsync<float[][]>("""
            () => [...[...document.querySelectorAll('.heat thead .x > span')].slice(0, 2), document.querySelector('.heat td.cells')]
                .map(element => element.getBoundingClientRect()).map(box => [box.left, box.top, box.right, box.bottom])
            """);
        var ((fromLeft, _, fromRight, fromBottom), (toLeft, toTop, toRight, _), (left, _, right, _)) = (Box(0), Box(1), Box(2));
        Assert.True(toLeft - fromRight >= 4 || toTop >= fromBottom, $"{Box(0)} and {Box(1)} run into each other.");
        Assert.InRange(fromLeft, left, right);
        Assert.InRange(toRight, left, right);

        (float Left, float Top, float Right, float Bottom) Box(int n) => boxes[n] is [var x, var y, var end, var bottom] ? (x, y, end, bottom) : default;
    }

    /// <summary>The menu is wider than a telephone: what is shown of it is where one is.</summary>
    [Theory]
    [InlineData("/")]
    [InlineData("/explain")]
    [InlineData("/purge")]
    [InlineData("/audit")]
    public async Task Menu_OnATelephone_ShowsWhereOneIs(string path)
    {
        var window = await busy.AnewAsync();
        await window.Page.SetViewportSizeAsync(360, 740);
        await window.GoAsync(path);

        Assert.True(
            await window.Page.EvaluateAsync<bool>("() => { const here = document.querySelector('.side nav a[aria-current]').getBoundingClientRect(); return here.left >= 0 && here.right <= innerWidth; }"),
            "The page's own link is out of sight.");
        Assert.Equal(0, await window.Page.EvaluateAsync<double>("() => scrollX + scrollY"));
    }
}
