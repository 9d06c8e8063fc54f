using System.Net;

namespace CacheGateway.BrowserTests;

/// <summary>Where the listener asks for a token, a browser gives it once and gets a session that no script can read.</summary>
public sealed class SignInTests(Browser browser)
{
    private const string Token = "a-long-enough-token-for-tests";

    [Fact]
    public async Task SignIn_RightToken_OpensTheDashboardUntilSignOut()
    {
        await using var site = await StartAsync();
        await using var window = await browser.OpenAsync(site.Admin);
        await window.Page.GotoAsync("/policies");
        Assert.EndsWith("/login?to=%2Fpolicies", window.Page.Url, StringComparison.Ordinal);
        Assert.Empty(await PageAudit.FindAsync(window.Page));
        Assert.Empty(await PageAudit.FindPaleTextAsync(window.Page));

        await window.Page.GetByLabel("Admin token").FillAsync(Token);
        await window.Page.Keyboard.PressAsync("Enter");
        await window.Page.GetByRole(AriaRole.Heading, new PageGetByRoleOptions { Name = "Policies", Level = 1 }).WaitForAsync();
        var cookie = Assert.Single(await window.Page.Context.CookiesAsync());
        Assert.True(cookie.HttpOnly);
        Assert.Equal(SameSiteAttribute.Strict, cookie.SameSite);
        Assert.DoesNotContain(Token, cookie.Value, StringComparison.Ordinal);

        await window.Page.GetByRole(AriaRole.Button, new PageGetByRoleOptions { Name = "Sign out" }).ClickAsync();
        await window.Page.WaitForURLAsync("**/login");
        await window.Page.GotoAsync("/");
        Assert.EndsWith("/login", window.Page.Url, StringComparison.Ordinal);
        Assert.Empty(window.Complaints);
    }

    /// <summary>A browser does not ask again for a stream that was refused: the page would show old figures for ever.</summary>
    [Fact]
    public async Task SignOut_OnATelephone_IsThere()
    {
        await using var site = await StartAsync();
        await using var window = await browser.OpenAsync(site.Admin);
        await window.Page.SetViewportSizeAsync(360, 740);
        await window.GoAsync("/login");
        await window.Page.GetByLabel("Admin token").FillAsync(Token);
        await window.Page.GetByRole(AriaRole.Button, new PageGetByRoleOptions { Name = "Sign in" }).ClickAsync();
        await window.Page.GetByRole(AriaRole.Button, new PageGetByRoleOptions { Name = "Sign out" }).ClickAsync();

        await window.Page.GetByLabel("Admin token").WaitForAsync();
        Assert.Empty(window.Complaints);
    }

    [Fact]
    public async Task SessionThatEnded_LeadsAnOpenPageBackToTheSignIn()
    {
        await using var site = await StartAsync();
        await using var window = await browser.OpenAsync(site.Admin);
        await window.Page.GotoAsync("/");
        await window.Page.GetByLabel("Admin token").FillAsync(Token);
        await window.Page.Keyboard.PressAsync("Enter");
        var live = window.Page.GetByRole(AriaRole.Button, new PageGetByRoleOptions { Name = "Live" });
        await live.ClickAsync();
        await window.Page.Context.ClearCookiesAsync();

        await window.Page.GetByRole(AriaRole.Button, new PageGetByRoleOptions { Name = "Paused" }).ClickAsync();

        await window.Page.WaitForURLAsync("**/login");
    }

    [Fact]
    public async Task SignIn_WrongToken_IsRefusedInWords()
    {
        await using var site = await StartAsync();
        await using var window = await browser.OpenAsync(site.Admin);
        await window.GoAsync("/login");
        await window.Page.GetByLabel("Admin token").FillAsync("something else entirely");
        await window.Page.GetByRole(AriaRole.Button, new PageGetByRoleOptions { Name = "Sign in" }).ClickAsync();

        Assert.Contains("not this gateway's admin token", await window.Page.GetByRole(AriaRole.Alert).InnerTextAsync(), StringComparison.Ordinal);
        Assert.Empty(await window.Page.Context.CookiesAsync());
    }

    [Theory]
    [InlineData("/purge")]
    [InlineData("/explain")]
    [InlineData("/logout")]
    public async Task Post_WithoutASession_IsRefused(string path)
    {
        await using var site = await StartAsync();
        using var request = new HttpRequestMessage(HttpMethod.Post, path)
        {
            Content = new FormUrlEncodedContent(new Dictionary<string, string> { ["kind"] = "all", ["confirm"] = "on" }),
            Headers = { { "Origin", site.Admin.ToString().TrimEnd('/') } },
        };

        using var response = await site.AdminAsync(request);

        Assert.Equal(HttpStatusCode.Unauthorized, response.StatusCode);
    }

    private static Task<Site> StartAsync() => Site.StartAsync(settings => settings with { AdminToken = Token });
}
