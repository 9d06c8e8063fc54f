namespace CacheGateway.BrowserTests;

/// <summary>The explain form says what the gateway would do, and what would change it; the origin hears nothing of it.</summary>
public sealed class ExplainTests(Browser browser)
{
    [Fact]
    public async Task Explain_PathWithoutAPolicy_ProposesOne()
    {
        await using var site = await Site.StartAsync();
        await using var window = await browser.OpenAsync(site.Admin);
        await window.GoAsync("/explain");
        await window.Page.GetByLabel("URL or path").FillAsync("/nowhere/at/all");
        await window.Page.GetByRole(AriaRole.Button, new PageGetByRoleOptions { Name = "Explain" }).ClickAsync();

        await window.Page.GetByText("Passed to the origin uncached: no-policy").WaitForAsync();
        Assert.Contains("\"/nowhere/at/all\"", await window.Page.InnerTextAsync("pre.code"), StringComparison.Ordinal);
        Assert.Equal(0, await site.OriginRequestsAsync());
        Assert.Empty(window.Complaints);
    }

    /// <summary>The status that stands there in grey is the one that is meant.</summary>
    [Fact]
    public async Task Explain_AnswerWithoutAStatus_IsJudged()
    {
        await using var site = await Site.StartAsync();
        await using var window = await browser.OpenAsync(site.Admin);
        await window.GoAsync("/explain");
        await window.Page.GetByLabel("URL or path").FillAsync("/clients");
        await window.Page.GetByLabel("The origin's answer").FillAsync("Cache-Control: private\nCache-Control: max-age=60");
        await window.Page.GetByRole(AriaRole.Button, new PageGetByRoleOptions { Name = "Explain" }).ClickAsync();

        await window.Page.GetByText("response-private").First.WaitForAsync();
        Assert.Empty(window.Complaints);
    }

    [Fact]
    public async Task Explain_HeaderLineThatIsNone_IsRefusedInWords()
    {
        await using var site = await Site.StartAsync();
        await using var window = await browser.OpenAsync(site.Admin);
        await window.GoAsync("/explain");
        await window.Page.GetByLabel("URL or path").FillAsync("/clients");
        await window.Page.GetByLabel("Request headers").FillAsync("no colon here");
        await window.Page.GetByRole(AriaRole.Button, new PageGetByRoleOptions { Name = "Explain" }).ClickAsync();

        Assert.Contains("must read like Accept: application/json", await window.Page.GetByRole(AriaRole.Alert).InnerTextAsync(), StringComparison.Ordinal);
        Assert.Equal("no colon here", await window.Page.GetByLabel("Request headers").InputValueAsync());
    }
}
