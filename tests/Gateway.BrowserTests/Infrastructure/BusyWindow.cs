namespace CacheGateway.BrowserTests.Infrastructure;

/// <summary>One window on the busy site for all tests of a class that only look, one after another: a new one costs more than most of them do.</summary>
public sealed class BusyWindow(Browser browser, BusySite busy) : IAsyncLifetime
{
    private Window? _window;

    /// <summary>As if it were new: what an earlier test saw and set is gone.</summary>
    internal async Task<Window> AnewAsync()
    {
        _window ??= await browser.OpenAsync(busy.Site.Admin);
        await _window.Page.EmulateMediaAsync(new PageEmulateMediaOptions { ColorScheme = ColorScheme.Light });
        await _window.Page.SetViewportSizeAsync(Browser.Width, Browser.Height);
        _window.Forget();
        return _window;
    }

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    public ValueTask DisposeAsync() => _window?.DisposeAsync() ?? ValueTask.CompletedTask;
}
