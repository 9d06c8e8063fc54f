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
}
