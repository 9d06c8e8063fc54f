using CacheGateway.Dashboard.Reading;
using Microsoft.Extensions.DependencyInjection;

namespace CacheGateway.BrowserTests;

/// <summary>A page that cannot be drawn says so and leaves the others alone.</summary>
public sealed class FailureTests(Browser browser)
{
    [Fact]
    public async Task Page_ThatCannotBeDrawn_SaysSoAndLeavesTheOthers()
    {
        await using var site = await Site.StartAsync(configure: builder =>
            builder.Services.AddSingleton<TagCounts>(_ => throw new InvalidOperationException("broken on purpose")));
        await using var window = await browser.OpenAsync(site.Admin);

        await window.GoAsync("/tags", status: 500);
        Assert.True(await window.Page.GetByText("The dashboard met an error").IsVisibleAsync());
        Assert.DoesNotContain("broken on purpose", await window.Page.ContentAsync(), StringComparison.Ordinal);
        await window.GoAsync("/entries");
    }

    /// <summary>Old figures are not called live.</summary>
    [Fact]
    public async Task OpenPage_ThatCannotBeDrawnAnyMore_SaysSo_AndGoesOnWhenItCan()
    {
        var isBroken = false;
        await using var site = await Site.StartAsync(configure: builder => builder.Services.AddScoped(services =>
            Volatile.Read(ref isBroken) ? throw new InvalidOperationException("broken on purpose") : ActivatorUtilities.CreateInstance<NodeReader>(services)));
        await using var window = await browser.OpenAsync(site.Admin);
        await window.GoAsync("/nodes");
        var live = window.Page.Locator("button.live");
        Task SaysAsync(string text) => Eventually.HoldsAsync(async () => await live.InnerTextAsync() == text, $"the page says {text}");
        await SaysAsync("Live");

        Volatile.Write(ref isBroken, true);
        await SaysAsync("Out of date");
        Assert.True(await window.Page.GetByText("this one", new PageGetByTextOptions { Exact = true }).IsVisibleAsync());

        Volatile.Write(ref isBroken, false);
        await SaysAsync("Live");
        Assert.Empty(window.Complaints);
    }
}
