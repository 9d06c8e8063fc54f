using System.Net;

namespace CacheGateway.BrowserTests;

/// <summary>A purge from the page is one: the origin is asked again, once, and by nobody's accident.</summary>
public sealed class PurgeTests(Browser browser)
{
    private const string Target = "/shop/api/products/?page=1";

    [Fact]
    public async Task Purge_PreviewedAndConfirmed_TheOriginIsAskedAgain()
    {
        await using var site = await Site.StartAsync();
        await site.DriveAsync([Target], 3);
        Assert.Equal(1, await site.OriginRequestsAsync());
        await using var window = await browser.OpenAsync(site.Admin);
        await window.GoAsync("/purge");
        await window.Page.GetByLabel("Kind").SelectOptionAsync("tag");
        await window.Page.GetByLabel("Name").FillAsync("shop-products");
        await window.Page.GetByRole(AriaRole.Button, new PageGetByRoleOptions { Name = "Preview" }).ClickAsync();
        await window.Page.GetByRole(AriaRole.Heading, new PageGetByRoleOptions { Name = "This would hit 1 entry" }).WaitForAsync();
        await site.DriveAsync([Target], 1);
        Assert.Equal(1, await site.OriginRequestsAsync());

        await window.Page.GetByLabel("Reason, for the audit").FillAsync("test");
        await window.Page.GetByLabel("Yes, purge").CheckAsync();
        await window.Page.GetByRole(AriaRole.Button, new PageGetByRoleOptions { Name = "Purge", Exact = true }).ClickAsync();

        await window.Page.GetByText("Purged on 1 node: tag shop-products").WaitForAsync();
        var epoch = await window.Page.InnerTextAsync("#epoch");
        await window.Page.ReloadAsync();
        Assert.Equal(epoch, await window.Page.InnerTextAsync("#epoch"));
        await site.DriveAsync([Target], 3);
        Assert.Equal(2, await site.OriginRequestsAsync());
        Assert.Empty(window.Complaints);
    }

    [Fact]
    public async Task Purge_WithoutScript_WorksByKeyboardAlone()
    {
        await using var site = await Site.StartAsync();
        await site.DriveAsync([Target], 2);
        await using var window = await browser.OpenAsync(site.Admin, options => options.JavaScriptEnabled = false);
        await window.GoAsync("/purge?kind=url&name=" + Uri.EscapeDataString(Target));

        await window.Page.GetByLabel("Yes, purge").FocusAsync();
        await window.Page.Keyboard.PressAsync("Space");
        Assert.True(await window.Page.GetByLabel("Yes, purge").IsCheckedAsync());
        await window.Page.Keyboard.PressAsync("Tab");
        Assert.Equal(1, await window.Page.Locator("button:focus").CountAsync());
        await window.Page.Keyboard.PressAsync("Enter");
        await window.ReachesAsync("/purge/");

        await site.DriveAsync([Target], 1);
        Assert.Equal(2, await site.OriginRequestsAsync());
    }

    [Fact]
    public async Task Purge_NameThatIsNone_IsRefusedInWords()
    {
        await using var site = await Site.StartAsync();
        await using var window = await browser.OpenAsync(site.Admin);
        await window.GoAsync("/purge?kind=url&name=" + Uri.EscapeDataString("no slash"));

        Assert.Contains("must be absolute (http or https) or start with /", await window.Page.GetByRole(AriaRole.Alert).InnerTextAsync(), StringComparison.Ordinal);
        Assert.Equal(0, await window.Page.GetByLabel("Yes, purge").CountAsync());
    }

    [Theory]
    [InlineData(null)]
    [InlineData("https://evil.example")]
    [InlineData("null")]
    public async Task Purge_PostedFromElsewhere_IsRefused(string? origin)
    {
        await using var site = await Site.StartAsync();
        await site.DriveAsync([Target], 2);
        using var request = new HttpRequestMessage(HttpMethod.Post, "/purge")
        {
            Content = new FormUrlEncodedContent(new Dictionary<string, string> { ["kind"] = "all", ["confirm"] = "on" }),
        };
        if (origin is not null)
        {
            request.Headers.Add("Origin", origin);
        }

        using var response = await site.AdminAsync(request);

        Assert.Equal(HttpStatusCode.Forbidden, response.StatusCode);
        await site.DriveAsync([Target], 1);
        Assert.Equal(1, await site.OriginRequestsAsync());
    }

    /// <summary>A receipt is there for everybody, as the audit is.</summary>
    [Theory]
    [InlineData("url", "/reset?token=SECRET", "url /reset?token=…")]
    [InlineData("prefix", "/users/SECRET%40example.org/", "prefix /users/…/")]
    [InlineData("tag", "user:7", "tag user:7")]
    public async Task Receipt_HidesWhatAUrlHolds(string kind, string name, string shown)
    {
        await using var site = await Site.StartAsync();

        using var response = await PostAsync(site, ("kind", kind), ("name", name), ("confirm", "on"));

        Assert.Equal(HttpStatusCode.SeeOther, response.StatusCode);
        foreach (var path in (string[])["/purge", response.Headers.Location!.OriginalString])
        {
            var page = await PageAsync(site, path);
            Assert.Contains(shown, page, StringComparison.Ordinal);
            Assert.DoesNotContain("SECRET", page, StringComparison.Ordinal);
        }
    }

    /// <summary>What the origin confirms after a soft purge is what was stored before.</summary>
    [Theory]
    [InlineData(false, "No request from now on is answered with what was stored before.")]
    [InlineData(true, "From now on the origin is asked before anything of it is used")]
    public async Task Receipt_PromisesWhatHolds(bool isSoft, string promise)
    {
        await using var site = await Site.StartAsync();

        using var response = await PostAsync(site, [("kind", "all"), ("confirm", "on"), .. isSoft ? [("soft", "on")] : Array.Empty<(string, string)>()]);
        var page = await PageAsync(site, response.Headers.Location!.OriginalString);

        Assert.Contains(promise, page, StringComparison.Ordinal);
        Assert.Equal(!isSoft, page.Contains("No request from now on", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Purge_Unconfirmed_PurgesNothing()
    {
        await using var site = await Site.StartAsync();
        await site.DriveAsync([Target], 2);

        using var response = await PostAsync(site, ("kind", "all"));

        Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
        await site.DriveAsync([Target], 1);
        Assert.Equal(1, await site.OriginRequestsAsync());
    }

    /// <summary>The form as a page of the listener sends it.</summary>
    private static async Task<HttpResponseMessage> PostAsync(Site site, params (string Name, string Value)[] fields)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "/purge")
        {
            Content = new FormUrlEncodedContent(fields.Select(field => KeyValuePair.Create(field.Name, field.Value))),
            Headers = { { "Origin", site.Admin.ToString().TrimEnd('/') } },
        };
        return await site.AdminAsync(request);
    }

    /// <summary>With its entities read.</summary>
    private static async Task<string> PageAsync(Site site, string path)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, path);
        using var answer = await site.AdminAsync(request);
        return WebUtility.HtmlDecode(await answer.EnsureSuccessStatusCode().Content.ReadAsStringAsync());
    }
}
