[assembly: Xunit.AssemblyFixture(typeof(CacheGateway.BrowserTests.Infrastructure.Browser))]

namespace CacheGateway.BrowserTests.Infrastructure;

/// <summary>One Chromium of the system for all tests; each test opens windows that know nothing of each other.</summary>
public sealed class Browser : IAsyncLifetime
{
    /// <summary>Of a window, in pixels.</summary>
    internal const int Width = 1280;

    /// <summary>Of a window, in pixels.</summary>
    internal const int Height = 900;

    private const string Program = "/usr/bin/chromium";

    private static readonly string[] Arguments =
    [
        "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync",
    ];

    private IPlaywright? _playwright;
    private IBrowser? _browser;

    public async ValueTask InitializeAsync()
    {
        if (File.Exists(Program))
        {
            _playwright = await Playwright.CreateAsync();
            _browser = await _playwright.Chromium.LaunchAsync(new BrowserTypeLaunchOptions { ExecutablePath = Program, Args = Arguments });
        }
    }

    /// <summary>A window of its own, watched for errors and for requests to anywhere but <paramref name="site"/>.</summary>
    internal async Task<Window> OpenAsync(Uri site, Action<BrowserNewContextOptions>? configure = null)
    {
        Assert.SkipWhen(_browser is null, $"There is no {Program}.");
        var options = new BrowserNewContextOptions { BaseURL = site.ToString(), ViewportSize = new ViewportSize { Width = Width, Height = Height } };
        configure?.Invoke(options);
        var context = await _browser.NewContextAsync(options);
        context.SetDefaultTimeout(15_000);
        return new Window(context, await context.NewPageAsync(), site);
    }

    public async ValueTask DisposeAsync()
    {
        if (_browser is not null)
        {
            await _browser.DisposeAsync();
        }

        _playwright?.Dispose();
    }
}
